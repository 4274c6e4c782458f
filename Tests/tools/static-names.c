// Goes into the static executable alone. A machine's nsswitch.conf may name modules made for its own glibc; loaded into an
// executable with another glibc in it, an older one of them ends the process. What is built in is enough.
#include <nss.h>

__attribute__((constructor)) static void resolve_without_modules(void) {
    __nss_configure_lookup("hosts", "files dns");
    __nss_configure_lookup("passwd", "files");
    __nss_configure_lookup("group", "files");
}
