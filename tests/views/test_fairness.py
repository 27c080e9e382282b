"""A caller that fills its part of the service waits, and other callers do not wait for it."""

import asyncio
from contextlib import ExitStack

import pytest

from providers.sandbox import Fault
from server.config.settings import SubscriptionSettings
from server.operations.admission import AdmissionController, Overloaded
from server.operations.fair_slots import FairSlots
from tests.harness import NO_CACHE_NO_RETRY, running_service
from tests.streams.clients import CHANGED

from .callers import FASTLY, data, post, read, service_with_callers, socket_of

ONE = '{ invoice(id: "%s") { id total { amount } } }'
LIST = "{ invoices(first: %d) { nodes { id } } }"


class Operations:
    """Operations of callers at one admission controller, in the order of their starts. Each ends on request."""

    def __init__(self, max_concurrent: int) -> None:
        self.admission = AdmissionController(max_concurrent)
        self.started, self._ends, self.tasks = list[str](), dict[str, asyncio.Event](), dict[str, asyncio.Task[None]]()

    async def arrive(self, *names: str) -> None:
        """Let operations arrive. The first letter of a name is its caller."""
        for name in names:
            self._ends[name] = asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._run(name))
            await asyncio.sleep(0)

    async def _run(self, name: str) -> None:
        async with self.admission.admit(asyncio.get_running_loop().time() + 10, name[0]):
            self.started.append(name)
            await self._ends[name].wait()

    async def end(self, *names: str) -> None:
        for name in names:
            self._ends[name].set()
            await self.tasks[name]
            await asyncio.sleep(0)


async def test_a_free_slot_goes_to_the_caller_with_the_fewest() -> None:
    operations = Operations(2)
    await operations.arrive("a1", "a2", "a3", "a4", "a5", "b1", "b2", "c1")
    assert operations.started == ["a1", "a2"]

    await operations.end("a1", "a2", "b1", "c1", "a3", "b2", "a4", "a5")

    assert operations.started[2:] == ["b1", "a3", "c1", "b2", "a4", "a5"]


async def test_equal_callers_take_turns() -> None:
    operations = Operations(1)
    await operations.arrive("x1", "a1", "a2", "a3", "b1", "b2", "c1")
    for name in ("x1", "a1", "b1", "c1", "a2", "b2", "a3"):
        await operations.end(name)

    assert operations.started == ["x1", "a1", "b1", "c1", "a2", "b2", "a3"]


async def test_a_caller_alone_takes_every_slot() -> None:
    operations = Operations(3)
    await operations.arrive("a1", "a2", "a3", "a4")
    assert operations.started == ["a1", "a2", "a3"]
    await operations.end("a2", "a1", "a3", "a4")


async def test_a_busy_caller_leaves_slots_to_newcomers() -> None:
    operations, crowd = Operations(20), [f"a{number}" for number in range(30)]
    await operations.arrive(*crowd)
    assert operations.started == crowd[:18]
    await operations.arrive("b0", "c0")
    assert operations.started[18:] == ["b0", "c0"]

    await operations.end("b0")
    assert operations.started[20:] == []  # the slot stays free for a newcomer
    await operations.arrive("d0")
    await operations.end("c0", "d0", *crowd)
    assert operations.started[20:] == ["d0", *crowd[18:]]


async def test_a_cancelled_operation_gives_its_turn_on() -> None:
    operations = Operations(1)
    await operations.arrive("a1", "b1", "c1")
    operations.tasks["b1"].cancel()
    await operations.end("a1", "c1")
    assert operations.started == ["a1", "c1"]


async def test_a_slot_of_a_cancelled_operation_is_free() -> None:
    admission, deadline = AdmissionController(1), asyncio.get_running_loop().time() + 10

    async def hold(caller: str) -> None:
        async with admission.admit(deadline, caller):
            await asyncio.Event().wait()

    async with admission.admit(deadline, "a"):
        waiting = asyncio.create_task(hold("b"))
        await asyncio.sleep(0)
    waiting.cancel()  # in the turn of the loop in which it got the slot
    await asyncio.wait([waiting])

    async with asyncio.timeout(5), admission.admit(deadline, "c"):
        pass


async def test_a_flood_of_one_caller_delays_no_other() -> None:
    grants = {"flood": read(FASTLY), "other": read(FASTLY)}
    async with service_with_callers(grants, max_requests=2) as service:
        service.control("fastly").faults.append(Fault(kind="delay", seconds=0.4))
        flood = [asyncio.create_task(post(service, "flood", LIST % size)) for size in range(1, 21)]
        await service.control("fastly").wait_for_in_flight(in_flight=1)
        await asyncio.sleep(0.1)
        response = await post(service, "other", LIST % 30)
        waiting = sum(not task.done() for task in flood)
        await asyncio.gather(*flood)

    assert response.status_code == 200
    assert waiting > 10


async def test_provider_calls_take_turns_by_caller() -> None:
    grants = {"flood": read(FASTLY), "other": read(FASTLY)}
    async with service_with_callers(grants, settings={**NO_CACHE_NO_RETRY, "concurrency": 1}) as service:
        page = await data(
            service, "admin", '{ invoices(first: 12, filterBy: { providers: ["fastly"] }) { nodes { id } } }'
        )
        *flood, other = [node["id"] for node in page["invoices"]["nodes"]]
        control = service.control("fastly")
        control.reset_requests()
        control.faults.append(Fault(kind="delay", seconds=0.2))
        requests = [asyncio.create_task(post(service, "flood", ONE % invoice_id)) for invoice_id in flood]
        await control.wait_for_in_flight(in_flight=1)
        await asyncio.sleep(0.1)
        await post(service, "other", ONE % other)
        before = len(control.requests)
        await asyncio.gather(*requests)

    assert len(flood) == 11
    assert before < len(control.requests) == 12


async def test_provider_calls_of_one_caller_take_turns_by_request() -> None:
    async with running_service(settings={**NO_CACHE_NO_RETRY, "concurrency": 1}) as service:
        page = await service.data('{ invoices(first: 12, filterBy: { providers: ["fastly"] }) { nodes { id } } }')
        *many, one = [node["id"] for node in page["invoices"]["nodes"]]
        control = service.control("fastly")
        control.reset_requests()
        control.faults.append(Fault(kind="delay", seconds=0.2))
        aliases = " ".join(f'a{number}: invoice(id: "{each}") {{ id }}' for number, each in enumerate(many))
        long = asyncio.create_task(service.data(f"{{ {aliases} }}"))
        await control.wait_for_in_flight(in_flight=1)
        await service.data(ONE % one)
        before = len(control.requests)
        await long

    assert before <= 4
    assert len(control.requests) == 12


async def test_a_caller_alone_holds_every_stream() -> None:
    slots = FairSlots(3)
    with ExitStack() as held:
        for _ in range(3):
            held.enter_context(slots.hold("a"))
        with pytest.raises(Overloaded), slots.hold("a"):
            pass
    assert slots.taken == 0


async def test_another_caller_takes_the_newest_slots() -> None:
    slots = FairSlots(4)
    with ExitStack() as held:
        first = [held.enter_context(slots.hold("a")) for _ in range(4)]
        second = [held.enter_context(slots.hold("b")) for _ in range(2)]
        with pytest.raises(Overloaded), slots.hold("b"):
            pass

        assert [ending.done() for ending in (*first, *second)] == [False, False, True, True, False, False]
        assert slots.taken == 4
    assert slots.taken == 0


async def test_a_stream_makes_room_for_another_caller() -> None:
    grants = {"one": read(FASTLY), "other": read(FASTLY)}
    subscribe = {"query": CHANGED}
    async with (
        service_with_callers(grants, subscriptions=SubscriptionSettings(most=2)) as service,
        socket_of(service, "one") as one,
        socket_of(service, "other") as other,
    ):
        slots = service.app.state.runner.streams.slots
        for number in (1, 2):
            await one.send("subscribe", str(number), subscribe)
            async with asyncio.timeout(10):
                while slots.taken < number:  # noqa: ASYNC110 (nothing to wait on)
                    await asyncio.sleep(0.01)
        await other.send("subscribe", "1", subscribe)
        ended = await one.receive()

        assert (ended["id"], ended["type"]) == ("2", "error")
        assert [error["extensions"]["code"] for error in ended["payload"]] == ["UNAVAILABLE"]
        await one.send("subscribe", "3", subscribe)
        assert (await one.receive())["id"] == "3"
        await other.send("ping")
        assert await other.receive() == {"type": "pong"}
