#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

#ifdef __SANITIZE_ADDRESS__
// Debian's c-ares 1.18 doesn't free the name of a host, "localhost", that it looked up for gRPC: ten bytes
// each time.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libcares.so"; }
#endif
