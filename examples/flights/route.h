/** What holds of a route, whoever is told of one. */
#ifndef FLIGHTS_ROUTE_H
#define FLIGHTS_ROUTE_H

#include <stdbool.h>
#include <string.h>

#include "flights/route.pb-c.h"

/** Whether it has the code of a carrier, and those of two airports. */
static inline bool flights_route_is_complete(const Flights__V1__Route *route)
{
    static const char code[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    return route != NULL && strlen(route->carrier) == 2 && strspn(route->carrier, code) == 2 &&
           strlen(route->origin) == 3 && strspn(route->origin, code) == 3 &&
           strlen(route->destination) == 3 && strspn(route->destination, code) == 3;
}

#endif
