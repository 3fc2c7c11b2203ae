/** The ledger of users' money: accounts, reservations, request ids and hourly request counts. */
@NullMarked
package dev.sluice.admission.ledger;

import org.jspecify.annotations.NullMarked;
