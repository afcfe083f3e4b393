"""Where the stack's repository is kept (GitHub, Forgejo, Gitea, GitLab): one comment a pull request, one issue a stack.

This is no live system of a stack: nothing here is planned or applied, and what a forge refuses changes
nothing of how a run ends.

    job        what the variables of a job say: which forge, which pull request, from a fork or not
    interface  what we ask of every forge
    github     GitHub, and Forgejo and Gitea, whose API is its child; gitlab  GitLab
    wire       JSON over HTTP, by the standard library: httpx has its one place in the mail server's client,
               and `gh` or `curl` in a script would leave a runner's tools and the quoting of texts to luck
    sticky     the one comment and the one issue: found again, changed in place
"""
