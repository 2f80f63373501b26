using System.Collections.Immutable;

namespace Aggregator.Tests;

[CollectionDefinition(nameof(FleetRecordTests), DisableParallelization = true)]
[Collection(nameof(FleetRecordTests))]
public sealed class FleetRecordTests
{
    [Fact]
    public void Curves_are_thinned_out_and_end_with_what_came_last()
    {
        var curve = new Curve<int>(8, static (_, newer) => newer);

        for (var i = 1; i <= 1000; i++)
        {
            curve.Add(i);
            var points = curve.ToPoints();
            int[] all = [.. points.Points.Span, .. points.Tail.Span];
            Assert.InRange(all.Length, 1, 8);
            Assert.Equal(i, all[^1]);
            Assert.Equal(all.Order(), all);
        }

        Assert.Equal(7, curve.ToPoints().Halvings);     // at 8, 16, 32, … 512 points
    }

    [Fact]
    public void What_a_curve_gave_never_changes()
    {
        var curve = new Curve<int>(4, static (a, b) => a + b);
        curve.Add(1);
        curve.Add(2);
        var early = curve.ToPoints();

        for (var i = 0; i < 100; i++) { curve.Add(7); }

        Assert.Equal([1, 2], early.Points.ToArray());
    }

    [Fact]
    public void Nothing_is_lost_of_counts_where_points_become_one()
    {
        var record = new FleetRecord(Rounds.Facts);

        FleetStatus status = record.At(Rounds.Counted(0), Rounds.Start);
        for (var second = 1; second <= 5000; second++)
        {
            status = record.At(Rounds.Counted(3L * second, second), Rounds.Start + TimeSpan.FromSeconds(second));
        }

        FleetMoment[] moments = [.. status.Moments.Points.Span, .. status.Moments.Tail.Span];
        Assert.InRange(moments.Length, FleetRecord.MaxPoints / 2, FleetRecord.MaxPoints);
        Assert.Equal((15_000, 5000), (moments.Sum(static m => m.Accepted), moments.Sum(static m => m.Refused)));
        Assert.Equal((3, 1), status.PerSecond);
    }

    [Fact]
    public void A_fleet_of_any_size_lists_a_thousand_devices_and_counts_the_others()
    {
        var record = new FleetRecord(Rounds.Facts);

        record.Add(Rounds.Of(1, 0, Enumerable.Range(0, 5000).Select(static d => $"d{d}")));
        var status = record.At(Rounds.Counted(5000), Rounds.Start);

        Assert.Equal((FleetRecord.MaxDevices, 4000), (status.Devices.Length, status.Unlisted));
        Assert.Equal("d0", status.Devices[0].Name);
    }

    [Fact]
    public void A_device_that_has_gone_gives_way_to_a_new_one()
    {
        var record = new FleetRecord(Rounds.Facts);
        record.Add(Rounds.Of(1, 0, ["gone"]));
        record.Add(Rounds.Of(2, 30, Enumerable.Range(1, 999).Select(static d => $"d{d}")));

        record.Add(Rounds.Of(3, 50, ["early"]));
        record.Add(Rounds.Of(4, 61, ["late", "later"]));
        var names = record.At(Rounds.Counted(0), Rounds.Start).Devices.Select(static d => d.Name).ToList();

        Assert.Equal(1000, names.Count);
        Assert.Contains("late", names);
        Assert.DoesNotContain("gone", names);
        Assert.DoesNotContain("early", names);
        Assert.DoesNotContain("later", names);
    }

    [Fact]
    public void Scores_at_random_under_many_names_take_little_memory()
    {
        var (record, random) = (new FleetRecord(Rounds.Facts), new RandomStream(3, "scores"));
        record.Add(Rounds.Of(1, 0, ["a"]));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < 20_000; i++)
        {
            record.Add(new DeviceScore
            {
                Device = $"nobody-{random.NextInt32(50_000)}",
                Epoch = random.NextInt32(3) == 0 ? long.MaxValue : random.NextInt32(10),
                ModelVersion = random.NextInt32(100),
                Rows = 1L << random.NextInt32(48),      // as its codec takes
                Loss = Math.Pow(10, random.NextDouble(-300, 300)),
                NewestLoss = 1,
                Confusion = [random.NextInt32(100), 0, 0, 1],
                Newest = [1, 0, 0, 1],
            }, Rounds.Start);
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 16 << 20);
        Assert.Equal("a", record.At(Rounds.Counted(1), Rounds.Start).Devices[0].Name);
    }

    [Fact]
    public void Names_of_which_no_update_was_accepted_give_way_to_devices()
    {
        var record = new FleetRecord(Rounds.Facts);
        for (var i = 0; i < 1500; i++) { record.Add(Hello($"nobody-{i}"), Rounds.Start); }
        record.Add(Rounds.Of(1, 1, ["a", "b"]));
        var names = record.At(Rounds.Counted(0), Rounds.Start).Devices.Select(static d => d.Name).ToList();

        Assert.Equal(1000, names.Count);
        Assert.Equal(["a", "b"], names.Intersect(["a", "b"]));
    }

    private static Presence Hello(string device) => new() { Device = device, Epoch = 1, Kind = PresenceKind.Hello };

    [Fact]
    public void A_device_has_its_staleness_its_counts_and_its_state()
    {
        var record = new FleetRecord(Rounds.Facts);
        record.Add(Rounds.Of(1, 0, ["a", "b", "c"]));
        record.Add(Rounds.Of(2, 1, ["a"], ("b", "norm"), ("c", "norm")) with { Stragglers = [new("a", 3, "link")] });
        record.Add(Rounds.Of(3, 2, ["a"], ("b", "norm")) with { Stragglers = [new("a", 3, "link")] });

        var status = record.At(Rounds.Counted(5, 3), Rounds.Start + TimeSpan.FromSeconds(61.5));

        var quietAfter = status.Facts.QuietAfter;
        Assert.Equal(["a slow link 3 0 0 0 Slow", "b refused norm 1 2 1 1 Refused", "c refused norm 1 1 2 2 Quiet"],
            status.Devices.Select(d => $"{d.Name} {d.State.ToString().ToLowerInvariant()} {d.Reason} {d.Applied} {d.Refused} "
                + $"{d.P50} {d.P95} " + d.StateAt(status.At, quietAfter)));
        record.Add(Rounds.Of(4, 3, ["b"]));
        Assert.All(record.At(Rounds.Counted(6, 3), Rounds.Start).Devices[..2], static d => Assert.Equal(DeviceStanding.Active, d.State));
        Assert.Equal((3L, 0, 1), (status.Version, status.Staleness?.P50, status.Staleness?.P95 > 0 ? 1 : 0));
    }

    [Fact]
    public void Refusals_are_known_from_receipts_before_any_round_ends_and_are_counted_once()
    {
        var record = new FleetRecord(Rounds.Facts);
        List<long> told = [];
        string Tell(params UpdateFate[] newestFirst)
        {
            told.AddRange(record.Add(Rounds.Told("a", 1, newestFirst), Rounds.Start).Select(static r => r.Sequence));
            var device = record.At(new(), Rounds.Start).Devices[0];
            return $"{device.State} {device.Reason} {device.Refused}";
        }

        Assert.Equal("Refused schema 1", Tell(Rounds.Refused(1)));
        Assert.Equal("Refused schema 1", Tell(Rounds.Refused(1)));                                   // told again
        Assert.Equal("Active  1", Tell(new(2, UpdateOutcome.Held), Rounds.Refused(1)));
        Assert.Equal("Active  1", Tell(new(3, UpdateOutcome.Applied), new(2, UpdateOutcome.Held), Rounds.Refused(1)));
        Assert.Equal("Active  2", Tell(new(3, UpdateOutcome.Applied), Rounds.Refused(2, "void-round"), Rounds.Refused(1)));
        Assert.Equal("Refused norm 4", Tell(Rounds.Refused(70, "norm"), Rounds.Refused(69, "norm")));
        Assert.Equal("Refused identity 4", Tell(Rounds.Refused(3, "identity")));                     // a copy is no update
        Assert.Equal([1, 2, 69, 70], told);

        var round = Rounds.Of(1, 0, [], ("a", "schema"), ("b", "norm"));                             // has number 1, known by now
        Assert.Equal(["b"], record.Add(round).Select(static r => r.Device));
        Assert.Equal([4, 1], record.At(new(), Rounds.Start).Devices.Select(static d => d.Refused));
    }

    [Fact]
    public void A_device_that_has_started_anew_counts_on_and_its_earlier_start_is_fenced()
    {
        var record = new FleetRecord(Rounds.Facts);

        record.Add(Rounds.Told("a", 1, Rounds.Refused(9)), Rounds.Start);
        record.Add(Rounds.Told("a", 2, Rounds.Refused(1)), Rounds.Start);
        record.Add(Rounds.Told("a", 1, Rounds.Refused(10, "fenced")), Rounds.Start);
        record.Add(Rounds.Of(1, 0, [], ("a", "fenced")));
        record.Add(Rounds.Told("a", 1, Rounds.Refused(11), Rounds.Refused(9)), Rounds.Start);       // nobody waits for it

        var device = record.At(new(), Rounds.Start).Devices[0];
        Assert.Equal((DeviceStanding.Refused, "fenced", 3), (device.State, device.Reason, device.Refused));
    }

    [Fact]
    public async Task Devices_and_their_counts_outlast_a_restart()
    {
        using var folder = new TemporaryFolder();
        var pipeline = Pipeline.Define("edge", static p => p.Input<Batch>("in").Discard());
        var before = new FleetRecord(Rounds.Facts);
        before.Add(Rounds.Of(1, 0, ["a", "b", "a", .. Rounds.Hostile], ("b", "norm")));
        await using (var first = pipeline.Start(new() { Checkpoints = new(folder.Path) { State = before } })) { await first.StopAsync(); }

        var after = new FleetRecord(Rounds.Facts);
        await using var second = pipeline.Start(new()
        {
            Checkpoints = new(folder.Path) { State = after },
            StartFrom = Checkpoint.Newest(folder.Path),
        });

        static IEnumerable<string> Shown(FleetRecord record) => record.At(Rounds.Counted(0), Rounds.Start).Devices
            .Select(static d => $"{d.Name} {d.State} {d.Reason} {d.Applied} {d.Refused} {d.LastSeen}");
        Assert.Equal(Shown(before), Shown(after));
        Assert.StartsWith("a Active  2 0 ", Shown(after).First(), StringComparison.Ordinal);
        Assert.Empty(after.Add(Rounds.Told("b", 1, Rounds.Refused(1, "norm")), Rounds.Start));       // it was told before
    }

    [Fact]
    public void A_device_that_is_forgotten_is_no_longer_shown_as_refused_once_an_update_of_it_is_accepted()
    {
        var record = new FleetRecord(Rounds.Facts);
        string Reason() => record.At(new(), Rounds.Start).Devices.Single().Reason;
        record.Add(Rounds.Told("a", 900, Rounds.Refused(1)), Rounds.Start);
        record.Add(Rounds.Told("a", 5, Rounds.Refused(7, "fenced")), Rounds.Start);
        record.Add(Rounds.Told("a", 5, new UpdateFate(8, UpdateOutcome.Held)), Rounds.Start);
        Assert.Equal("fenced", Reason());

        Assert.True(record.Forget("a", Rounds.Start));
        Assert.False(record.Forget("b", Rounds.Start));
        record.Add(Rounds.Told("a", 5, new UpdateFate(9, UpdateOutcome.Held)), Rounds.Start);
        Assert.Equal("", Reason());
    }

    [Fact]
    public void What_a_device_claims_beyond_what_counts_and_what_is_not_its_own_is_counted_with_it()
    {
        var record = new FleetRecord(Rounds.Facts);
        record.Add(Rounds.Capped(1, "x"));
        record.Add(Rounds.Of(2, 2, ["a"], ("x", "not-its-topic")) with
        {
            Refusals = [new("x", long.MaxValue, long.MaxValue, "not-its-topic"), new("x", long.MaxValue, 0, "not-its-topic")],
        });
        record.Add(Rounds.Told("x", long.MaxValue, Rounds.Refused(1, "implausible-epoch")), Rounds.Start);
        record.Add(Rounds.Told("x", 1, Rounds.Refused(3, "norm")), Rounds.Start);

        var x = record.At(new(), Rounds.Start).Devices.Single(static d => d.Name == "x");
        Assert.Equal((1, 1, 4, "norm"), (x.Applied, x.Capped, x.Refused, x.Reason));
    }

    [Fact]
    public void A_start_that_cannot_be_yet_says_nothing_of_a_device()
    {
        var record = new FleetRecord(Rounds.Facts);
        var ahead = (Rounds.Start + TimeSpan.FromHours(25)).ToUnixTimeMilliseconds();
        record.Add(Rounds.Of(1, 0, ["a"]));
        record.Add(new Presence { Device = "a", Epoch = ahead, Kind = PresenceKind.Leave }, Rounds.Start);
        record.AddLeave("a", ahead, Rounds.Start);
        var score = new DeviceScore
        {
            Device = "a",
            Epoch = ahead,
            ModelVersion = 0,
            Rows = 1,
            Loss = 0,
            NewestLoss = 0,
            Confusion = [1, 0, 0, 0],
            Newest = [1, 0, 0, 0],
        };
        record.Add(score, Rounds.Start);
        Assert.Null(record.At(Rounds.Counted(1), Rounds.Start).Own);

        record.Add(score with { Epoch = 1 }, Rounds.Start);
        var device = record.At(Rounds.Counted(1), Rounds.Start).Devices.Single();
        Assert.Equal((DeviceStanding.Active, false), (device.State, device.Own is null));
    }

    [Fact]
    public void A_device_that_said_farewell_has_left_and_is_not_taken_for_one_that_is_lost()
    {
        var record = new FleetRecord(Rounds.Facts with { QuietAfter = TimeSpan.FromSeconds(6) });
        record.Add(Rounds.Of(1, 0, ["left", "lost"]));
        record.Add(Said("left", 5, PresenceKind.Hello), Rounds.Start);

        record.AddLeave("left", 5, Rounds.Start);
        record.Add(Said("left", 5, PresenceKind.Heartbeat), Rounds.Start);      // it was said before
        var late = Rounds.Start + TimeSpan.FromSeconds(60);
        using var json = JsonDocument.Parse(StatusJson.Of(record.At(new(), late)));
        Assert.Equal(["left", "quiet"],
            json.RootElement.GetProperty("devices").EnumerateArray().Select(static d => d.GetProperty("state").GetString()));
        Assert.Contains("devices    0 alive, 1 left, 1 quiet, 2 listed", StatusCommand.Text(json.RootElement));

        record.Add(Said("left", 6, PresenceKind.Hello), late);
        record.AddLeave("left", 5, late);                                    // of the start before
        Assert.Equal(DeviceStanding.Active, record.At(new(), late).Devices[0].StateAt(late, TimeSpan.FromSeconds(6)));
    }

    [Fact]
    public void Who_leads_is_shown_by_those_that_stand_by_and_by_the_leader()
    {
        var record = new FleetRecord(Rounds.Facts);
        (string Holder, DateTimeOffset Since) leader = ("edge-1, process 7", Rounds.Start - TimeSpan.FromMinutes(3));
        JsonElement Json(LeadStatus? lead)
        {
            using var json = JsonDocument.Parse(StatusJson.Of(record.At(new(), Rounds.Start) with { Lead = lead }));
            return json.RootElement.Clone();
        }

        Assert.EndsWith("and was given lead and state again from memory",
            Json(new(Leads: true, leader, Remade: 1)).GetProperty("lead").GetProperty("text").GetString(), StringComparison.Ordinal);
        var (alone, leads, stands) = (Json(null), Json(new(Leads: true, leader)), Json(new(Leads: false, leader)));

        Assert.False(alone.TryGetProperty("lead", out _));
        Assert.True(leads.GetProperty("waiting").GetBoolean());
        Assert.Contains(StatusCommand.Text(leads),
            static l => l.StartsWith("lead       leads as edge-1, process 7, since ", StringComparison.Ordinal));
        Assert.False(stands.GetProperty("waiting").GetBoolean());
        Assert.Equal("edge-1, process 7", stands.GetProperty("lead").GetProperty("leader").GetString());
        Assert.StartsWith("lead       standby; edge-1, process 7 leads, since ", StatusCommand.Text(stands).Last(),
            StringComparison.Ordinal);
        Assert.Contains("the server does not report", StatusCommand.Text(Json(new(Leads: false, null))).Last(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_of_which_no_update_has_come_waits()
    {
        var record = new FleetRecord(Rounds.Facts);
        string Stands()
        {
            using var json = JsonDocument.Parse(StatusJson.Of(record.At(new(), Rounds.Start)));
            var row = DevicesCommand.Table(json.RootElement).Last();
            return string.Join(' ', row.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..2]);
        }

        record.Add(Said("a", 1, PresenceKind.Hello), Rounds.Start);
        Assert.Equal("a waiting", Stands());
        using var status = JsonDocument.Parse(StatusJson.Of(record.At(new() { Alive = 2 }, Rounds.Start)));
        Assert.Equal("updates    waiting for updates; 2 alive", StatusCommand.Text(status.RootElement).Last());
        record.Add(Rounds.Told("a", 1, new UpdateFate(1, UpdateOutcome.Applied)), Rounds.Start);       // says what rows it has
        Assert.Equal("a waiting", Stands());
        record.Add(Rounds.Told("a", 1, new UpdateFate(2, UpdateOutcome.Held)), Rounds.Start);
        Assert.Equal("a active", Stands());
    }

    [Fact]
    public void A_slow_fleet_has_updates_a_minute()
    {
        var record = new FleetRecord(Rounds.Facts);
        record.Add(Rounds.Of(1, 0, ["a"]));
        string TextAfter(int accepted, double seconds)
        {
            using var json = JsonDocument.Parse(StatusJson.Of(record.At(Rounds.Counted(accepted), Rounds.Start.AddSeconds(seconds))));
            return StatusCommand.Text(json.RootElement).Single(static l => l.StartsWith("updates", StringComparison.Ordinal));
        }

        TextAfter(0, 0);
        Assert.Equal("updates    30 accepted, 3 a second; 0 held", TextAfter(30, 10));
        for (var second = 11; second < 300; second++) { TextAfter(30 + ((second - 10) / 20), second); }
        Assert.Equal("updates    44 accepted, 8.8 a minute; 0 held", TextAfter(44, 300));
        for (var second = 301; second < 400; second++) { TextAfter(44, second); }
        Assert.Equal("updates    44 accepted, 0 a minute; 0 held", TextAfter(44, 400));      // five times as long as usual
    }

    private static Presence Said(string device, long epoch, PresenceKind kind) => new() { Device = device, Epoch = epoch, Kind = kind };

    [Fact]
    public void A_device_is_quiet_when_its_lease_is_over_and_so_does_not_count_as_there()
    {
        var record = new FleetRecord(Rounds.Facts with { QuietAfter = TimeSpan.FromSeconds(6) });
        record.Add(Rounds.Of(1, 0, ["a"]));
        string StateAfter(double seconds)
        {
            using var json = JsonDocument.Parse(StatusJson.Of(record.At(new(), Rounds.Start + TimeSpan.FromSeconds(seconds))));
            return json.RootElement.GetProperty("devices")[0].GetProperty("state").GetString()!;
        }

        Assert.Equal(("active", "quiet"), (StateAfter(6), StateAfter(6.1)));
    }

    [Fact]
    public void Each_version_that_is_seen_is_a_point_of_the_budget()
    {
        var record = new FleetRecord(Rounds.Facts with
        {
            Strategy = "adaptive_tau",
            Budgets = ImmutableDictionary<string, ImmutableArray<Resource>>.Empty.Add("adaptive_tau", [Resource.Bytes(1000)]),
        });
        FleetStatus At(double seconds, params (string Name, double Value)[] gauges) => record.At(
            new() { Gauges = gauges.ToDictionary(static g => g.Name, static g => g.Value) }, Rounds.Start + TimeSpan.FromSeconds(seconds));
        Assert.Equal(0, At(0).Budgets.Points.Length);

        record.Add(Rounds.Of(1, 1, ["a"]) with { Strategy = "adaptive_tau" });
        At(1, ("tau", 3), ("used-bytes", 100));
        record.Add(Rounds.Of(2, 2, ["a"]) with { Strategy = "adaptive_tau" });
        At(2, ("tau", 9), ("used-bytes", 250), ("delta", 0.5));
        var last = At(3, ("tau", 9), ("used-bytes", 250), ("delta", 0.5));

        Assert.Equal([new(1, 3, 0.1, double.NaN), new BudgetPoint(2, 9, 0.25, 0.5)], last.Budgets.Points.ToArray());
    }

    [Fact]
    public void What_people_should_know_is_said_once_each_time_it_comes_about()
    {
        List<string> said = [];
        var notices = new FleetNotices(said.Add);
        var facts = Rounds.Facts with { WaitsFor = ImmutableDictionary<string, int>.Empty.Add("fedavg", 3) };
        FleetStatus At(double seconds, FleetCounters counters) =>
            new() { Facts = facts, At = Rounds.Start + TimeSpan.FromSeconds(seconds), Strategy = "fedavg", Counters = counters };
        notices.Begin(new() { Restored = 1, Overtaken = 1 });       // before the restart

        notices.Say(At(0, new() { Restored = 1, Overtaken = 1 }));
        Assert.Empty(said);
        for (var second = 0; second < 12; second++)
        {
            notices.Say(At(second, new() { Restored = 2, RestoredVersion = 41, Overtaken = 3, Alive = 2, InRound = 1 }));
        }

        Assert.Equal(
        [
            "continues from version 41, which the server had kept: this program's state is older or missing",
            "another aggregator of this fleet is or was running; its devices have been told to follow this one",
            "no new version: fedavg waits for 3 devices, and 2 are alive",
        ], said);

        said.Clear();
        notices.Say(At(13, new() { Restored = 2, Overtaken = 3, VersionsUnknown = 49, Recovered = 1, RestoredVersion = 44, Alive = 3 }));
        notices.SayUnsaved(null);
        notices.SayUnsaved(new IOException("No space left on device"));
        notices.SayUnsaved(new IOException("No space left on device"));
        notices.SayUnsaved(null);
        notices.SayUnsaved(null);
        notices.SayUnsaved(new IOException("Input/output error"));
        Assert.Equal(
        [
            "continues from version 44, which a device sent back: this program's state is older",
            "devices have 49 versions that are missing here, because this state is older; the aggregator continues from its own "
                + "version, with a higher number",
            "the state cannot be saved; messages are held back until it can: No space left on device",
            "saving works again; held back messages are sent",
            "the state cannot be saved; messages are held back until it can: Input/output error",
        ], said);
    }

    [Fact]
    public void A_device_that_no_version_waits_for_any_longer_is_named_and_so_is_a_barrier_of_few()
    {
        List<string> said = [];
        var (notices, record) = (new FleetNotices(said.Add), new FleetRecord(Rounds.Facts));
        record.Add(Rounds.Of(1, 1, ["a", "b"]));
        record.Add(Rounds.Of(2, 2, ["a"]) with { Missing = 1, Stragglers = [("b", 2, "left out")] });
        for (var time = 0; time < 3; time++) { notices.Say(record.At(new() { LeftOut = 1, Small = time }, Rounds.Start)); }

        Assert.Equal(("slow", "left out", 1), record.At(new(), Rounds.Start) is var status && status.Devices[1] is var b
            ? ($"{b.State}".ToLowerInvariant(), b.Reason, status.Missing) : default);
        Assert.Equal(
        [
            "versions no longer wait for b, which sends no update; when it sends one, they do again",
            "few of the usual devices are left, so versions move little; if the others are gone for good: "
                + "streamlearn-aggregator devices forget NAME",
        ], said);
    }

    [Fact]
    public void A_device_of_which_nothing_comes_is_named_where_a_version_waits_for_it()
    {
        List<string> said = [];
        var notices = new FleetNotices(said.Add);
        DeviceStatus[] devices =
        [
            new(0, "a", Rounds.Start, DeviceStanding.Active, "", 3, 0, null, null, 1),
            new(1, "b", Rounds.Start, DeviceStanding.Waiting, "", 0, 0, null, null, 1),
        ];
        FleetStatus At(int second) => new()
        {
            Facts = Rounds.Facts with
            {
                WaitsFor = ImmutableDictionary<string, int>.Empty.Add("fedavg", 2),
                QuietAfter = TimeSpan.FromHours(1),
            },
            At = Rounds.Start + TimeSpan.FromSeconds(second),
            Strategy = "fedavg",
            Counters = new() { Alive = 2, InRound = 1 },
            Devices = [.. devices],
        };

        for (var second = 0; second < 30; second++) { notices.Say(At(second)); }
        Assert.Empty(said);
        for (var second = 30; second < 90; second++) { notices.Say(At(second)); }

        Assert.Equal(["no new version: fedavg waits for 2 devices, and no update has arrived from b; does it have rows with a "
            + "label?"], said);
    }

    [Fact]
    public void Quantiles_are_those_of_the_newest_updates()
    {
        var window = new StalenessWindow(100);
        Assert.Null(window.Quantiles());

        for (var i = 0; i < 500; i++) { window.Add(999); }
        for (var i = 1; i <= 100; i++) { window.Add(i); }

        Assert.Equal((50, 95), window.Quantiles());
    }

    [Fact]
    public void A_score_of_an_older_version_is_passed_over()
    {
        var record = new FleetRecord(Rounds.Facts);
        record.Add(new VersionScore(5, 0.5, 1));
        record.Add(new VersionScore(4, 0.4, 2));
        record.Add(new VersionScore(9, 0.9, 0.1));

        Assert.Equal([5, 9], record.At(new(), Rounds.Start).Scores.Points.ToArray().Select(static s => s.Version));
    }
}
