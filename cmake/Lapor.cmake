# The four ways in which lapor builds a thing. All sources are included from the repository's root,
# as in #include "libs/pg/pool.h".

# Warnings and sanitizers of our own code; generated code does without the warnings.
add_library(lapor_options INTERFACE)
target_include_directories(lapor_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(lapor_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual
  -Wunused -Wswitch-enum -Wimplicit-fallthrough
  $<$<BOOL:${LAPOR_WARNINGS_AS_ERRORS}>:-Werror>)

if(LAPOR_SANITIZE)
  add_compile_options(-fsanitize=${LAPOR_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${LAPOR_SANITIZE})
endif()

add_library(lapor_catch_main STATIC ${CMAKE_SOURCE_DIR}/tests/support/catch_main.cc)
target_link_libraries(lapor_catch_main PUBLIC Catch2::Catch2)

# All unit tests, for builds that run nothing else.
add_custom_target(unit_tests)

# lapor_library(NAME SOURCES a.cc b.cc DEPS lapor::pg fmt::fmt): a static library lapor::NAME.
function(lapor_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(lapor_${name} STATIC ${ARG_SOURCES})
  add_library(lapor::${name} ALIAS lapor_${name})
  target_link_libraries(lapor_${name} PUBLIC ${ARG_DEPS} PRIVATE lapor_options)
  target_include_directories(lapor_${name} PUBLIC ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
endfunction()

# lapor_service(NAME SOURCES ... DEPS ...): the library lapor::NAME of everything but main.cc, so that
# tests and benchmarks link what the process runs, and the process lapor-NAME.
function(lapor_service name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  lapor_library(${name} SOURCES ${ARG_SOURCES} DEPS ${ARG_DEPS})
  lapor_program(lapor-${name} SOURCES main.cc DEPS lapor::${name})
endfunction()

# lapor_program(NAME SOURCES ... DEPS ...): an executable build/PRESET/bin/NAME. With jemalloc, as a fifth of a busy
# service is malloc.
function(lapor_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} lapor_options)
  if(NOT LAPOR_SANITIZE) # they bring their own
    target_link_libraries(${name} PRIVATE PkgConfig::jemalloc)
  endif()
endfunction()

# lapor_test(NAME SOURCES ... DEPS ... [LABEL unit] [ON_BROKERS] [TIMEOUT seconds]): a Catch2 program run by ctest.
# unit tests need nothing and take seconds; integration tests start real servers; e2e tests start the five processes.
# ON_BROKERS runs it twice, as NAME.embedded and NAME.kafka, with LAPOR_BROKER saying which. Exit code 77 is a skip,
# whose reason the test has printed.
function(lapor_test name)
  cmake_parse_arguments(ARG "ON_BROKERS" "LABEL;TIMEOUT" "SOURCES;DEPS" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} lapor_catch_main lapor_options)
  if(ARG_LABEL STREQUAL "unit")
    add_dependencies(unit_tests ${name})
  endif()
  if(ARG_ON_BROKERS)
    set(brokers embedded kafka)
  else()
    set(brokers none)
  endif()
  foreach(broker IN LISTS brokers)
    set(test ${name})
    set(environment LAPOR_SOURCE_DIR=${CMAKE_SOURCE_DIR} LAPOR_BIN_DIR=${CMAKE_BINARY_DIR}/bin)
    if(ARG_ON_BROKERS)
      set(test ${name}.${broker})
      list(APPEND environment LAPOR_BROKER=${broker})
    endif()
    add_test(NAME ${test} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    set_tests_properties(${test} PROPERTIES LABELS "${ARG_LABEL};${broker}" TIMEOUT ${ARG_TIMEOUT}
      SKIP_RETURN_CODE 77 ENVIRONMENT "${environment}")
  endforeach()
endfunction()

# lapor_migrations(TARGET COMPONENT): embeds migrations/NNNN_*.sql of the calling folder into TARGET, so
# that a process carries its schema; in C++, #include "migrations/COMPONENT.h" gives
# lapor::migrations::COMPONENT(), in order.
function(lapor_migrations target component)
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/migrations/*.sql)
  list(SORT files)
  set(out ${CMAKE_BINARY_DIR}/migrations)
  set(entries "")
  foreach(file IN LISTS files)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    get_filename_component(base ${file} NAME_WE)
    if(NOT base MATCHES "^0*([1-9][0-9]*)_")
      message(FATAL_ERROR "${file}: name it NNNN_what_it_does.sql, counting from 0001")
    endif()
    set(number ${CMAKE_MATCH_1})  # without zeros in front: C++ would read an octal number
    file(READ ${file} sql)
    string(APPEND entries "      {\"${component}\", ${number}, \"${base}\", R\"migration(${sql})migration\"},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${out}/${component}.h @ONLY CONTENT "// Generated from migrations/*.sql.
#pragma once
#include <vector>
#include \"libs/pg/migrate.h\"
namespace lapor::migrations {
const std::vector<pg::Migration>& @component@();
}  // namespace lapor::migrations
")
  file(WRITE ${out}/${component}.cc.new "// Generated from migrations/*.sql.
#include \"migrations/${component}.h\"
namespace lapor::migrations {
const std::vector<pg::Migration>& ${component}() {
  static const std::vector<pg::Migration> all = {
${entries}  };
  return all;
}
}  // namespace lapor::migrations
")
  file(COPY_FILE ${out}/${component}.cc.new ${out}/${component}.cc ONLY_IF_DIFFERENT)
  target_sources(${target} PRIVATE ${out}/${component}.cc)
endfunction()
