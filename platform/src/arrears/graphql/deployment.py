"""The deployment itself: whether it is a sandbox, what time it is there, and moving that time."""

from __future__ import annotations

import datetime

from arrears.graphql.declare import Info, computed, mutations, output, plain, queries
from arrears.graphql.inputs import Input, input_field, input_type
from arrears.graphql.mutations import Payload, mutation, payload, run
from arrears.kernel.clock import move
from arrears.kernel.scope import Scope

_SANDBOX = "select sandbox from deployment"


@output(description="What this deployment is.", permission="deployment.read")
class Deployment:
    """What this deployment is."""

    sandbox: bool = plain(description="Whether it is for trying out; only then its clock can be moved.")
    now: datetime.datetime = plain(description="The platform's present instant; in a sandbox it may be moved ahead.")


@queries
class DeploymentQueries:
    """Root fields about the deployment."""

    @computed(permission="deployment.read", description="This deployment and its clock.")
    async def deployment(self, info: Info) -> Deployment:
        """The deployment's kind and time."""
        context = info.context.context
        rows = await context.database.read(Scope.everything(), _SANDBOX)
        found = Deployment()
        found.sandbox, found.now = rows[0][0], context.clock.now()
        return found


@input_type(description="Where to move a sandbox's clock: to an instant, or on by a duration; exactly one of the two.")
class ClockMoveInput(Input):
    """Where to move the clock."""

    to: datetime.datetime | None = input_field(description="The instant to move to; not before the present one.")
    by_seconds: int | None = input_field(description="How many seconds to move on by.")


@payload
class ClockMovePayload(Payload):
    """Where the clock stands after the move."""

    now: datetime.datetime | None = plain(description="The platform's instant after the move.")


@mutations
class DeploymentMutations:
    """Mutations of the deployment."""

    @mutation(move, description="Let time jump forwards in a sandbox; a live deployment refuses with NOT_SANDBOX.")
    async def clock_move(self, info: Info, input: ClockMoveInput) -> ClockMovePayload:
        """Move the clock."""
        given = input.to_command()
        if "by_seconds" in given:
            seconds = given.pop("by_seconds")
            given["by"] = None if seconds is None else datetime.timedelta(seconds=seconds)
        return await run(info, ClockMovePayload, move, given)
