// `sqlite3_db_config` and `sqlite3_config` take a variable number of arguments, which Swift cannot call.
#ifndef OUTLAST_CSQLITE_SETTINGS_H
#define OUTLAST_CSQLITE_SETTINGS_H

#include <sqlite3.h>

/// Turns one of the `SQLITE_DBCONFIG_…` switches on or off; `SQLITE_OK` when it was done.
static inline int outlast_sqlite_switch(sqlite3 *connection, int setting, int on) {
    return sqlite3_db_config(connection, setting, on, (int *)0);
}

/// Keeps SQLite from counting the memory that it takes, and from taking memory for 20 pages of each file before it needs
/// them; only before its first use.
static inline int outlast_sqlite_lean(void) {
    const int code = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    return code == SQLITE_OK ? sqlite3_config(SQLITE_CONFIG_PAGECACHE, (void *)0, 0, 0) : code;
}

#endif
