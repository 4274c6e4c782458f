#!/bin/sh -xe
# The end of a build, however it ended: its length is what the next one's estimate is learnt from.
exec "${OUTLAST_PROGRAM:-outlast}" record finish --status "${OUTLAST_BUILD_STATUS:-failed}"
