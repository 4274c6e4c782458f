// The room for git and ssh: the credential protocol, URL rewriting, host keys, and the diagnosis of what both write on
// stderr. No command needs any of it yet; the target is here so that the arrows of the package are whole.
