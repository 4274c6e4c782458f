// `sqlite3_db_config` takes a variable number of arguments, which Swift cannot call.
#ifndef OUTLAST_CSQLITE_SETTINGS_H
#define OUTLAST_CSQLITE_SETTINGS_H

#include <sqlite3.h>

/// Turns one of the `SQLITE_DBCONFIG_…` switches on or off; `SQLITE_OK` when it was done.
static inline int outlast_sqlite_switch(sqlite3 *connection, int setting, int on) {
    return sqlite3_db_config(connection, setting, on, (int *)0);
}

#endif
