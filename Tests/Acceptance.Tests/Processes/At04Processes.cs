using FleetProcess;

namespace Acceptance.Tests;

/// <summary>Sections 4.3 and 4.5 over real servers, by processes that are really killed.</summary>
public sealed class At04Processes(ITestOutputHelper output)
{
    private const int Rounds = 3;
    private const int Batches = 8;          // of a round
    private const string Device = "device-0";
    private const string Edge = "edge-a";
    private const string Next = "edge-b";
    private const int Planned = 1;

    /// <summary>Messages of a device: it joins, then come the batches of a round, and its end.</summary>
    private const int FirstOfSecondRound = Batches + 3, EndOfSecondRound = (2 * Batches) + 3;

    private static readonly string AtMiddle = $"waits=before:{SplitTopics.BatchesOf(Edge)}:{FirstOfSecondRound + 3}";
    private static readonly Lazy<float[]> Whole = new(ByHand);

    /// <summary>nats-server; in the long form mosquitto, too.</summary>
    public static TheoryData<bool> NatsAtLeast => LongForm.IsAsked ? [false, true] : [true];

    /// <summary>mosquitto; in the long form nats-server, too.</summary>
    public static TheoryData<bool> MosquittoAtLeast => LongForm.IsAsked ? [false, true] : [false];

    /// <summary>It is not started again: the device hears of the next edge from that one alone, while its next batch waits.</summary>
    [Theory]
    [MemberData(nameof(MosquittoAtLeast))]
    public async Task AT_4g_A_session_whose_first_edge_is_killed_once_the_next_one_has_it_keeps_its_bits(bool overNats)
    {
        var times = new List<TimeSpan>();
        for (var run = 0; run < (LongForm.IsAsked ? 10 : 1); run++)
        {
            await using var fleet = await SplitProcesses.StartAsync(overNats, [$"{Edge} dies=got:{SplitTopics.SessionsOf(Edge)}:2", Next]);
            await MoveInTheMiddleAsync(fleet);
            var begun = TimeProvider.System.GetTimestamp();
            await fleet.UntilAsync(() => fleet.Answers.Any(static a => a.Edge == Next));
            times.Add(TimeProvider.System.GetElapsedTime(begun));
            await fleet.UntilDeadAsync(Edge);
            fleet[Device].Tell("go");

            await EndsAsync(fleet);
            MovedOnce(fleet);
        }

        if (LongForm.IsAsked) { IsQuick(times); }
    }

    private void IsQuick(List<TimeSpan> times)
    {
        times.Sort();
        output.WriteLine($"from the order to the first answer of the next edge: median {times[times.Count / 2].TotalSeconds:0.000} s, "
            + $"most {times[^1].TotalSeconds:0.000} s");
        Assert.InRange(times[times.Count / 2].TotalSeconds, 0, 2);
    }

    public static TheoryData<bool, string> HandOvers { get; } = new(
        from overNats in new[] { false, true }
        from death in new[] { "before:sl/split/edge-b/down/session:1", "got:sl/split/edge-a/down/session:1" }
        where LongForm.IsAsked || (overNats && death.StartsWith("got", StringComparison.Ordinal))
        select new TheoryDataRow<bool, string>(overNats, death));

    /// <summary>It starts again from a checkpoint: one in which it hands the session over, or one from before the order, which comes
    /// again. There it has to be one that holds all that was answered, or the session would go without what comes again.</summary>
    [Theory]
    [MemberData(nameof(HandOvers))]
    public async Task AT_4g_An_edge_killed_before_it_has_handed_the_session_over_does_so_later(bool overNats, string death)
    {
        await using var fleet = await SplitProcesses.StartAsync(overNats, [$"{Edge} holds=1 dies={death}", Next]);
        await MoveInTheMiddleAsync(fleet);
        await fleet.UntilDeadAsync(Edge);
        Assert.DoesNotContain(fleet.Moves, static m => m.Step == TransferStep.Session);
        fleet.Start($"{Edge} holds=1");
        await fleet.UntilAsync(() => fleet.Moves.Any(static m => m.Step == TransferStep.Taken));
        fleet[Device].Tell("go");

        await EndsAsync(fleet);
        MovedOnce(fleet);
    }

    /// <summary>It has answered what no checkpoint holds. The server brings that again; nats-server only after newer messages.</summary>
    [Theory]
    [MemberData(nameof(MosquittoAtLeast))]
    public async Task An_edge_killed_in_the_middle_of_a_round_catches_up_with_its_device(bool overNats)
    {
        await using var fleet = await SplitProcesses.StartAsync(
            overNats, [$"{Edge} hold=400 dies=after:{SplitTopics.GradientsOf(Device)}:{FirstOfSecondRound + 5}"]);
        fleet.Start($"{Device} {AtMiddle}");
        await fleet[Device].WaitForAsync("waits", TestContext.Current.CancellationToken);
        await fleet.UntilSavedAsync(Edge);
        fleet[Device].Tell("go");
        await fleet.UntilDeadAsync(Edge);
        fleet.Start(Edge);

        await EndsAsync(fleet);
    }

    public static TheoryData<bool, string, string> Deaths { get; } = new(
        from overNats in new[] { false, true }
        from death in new[]
        {
            (Device, $"after:{SplitTopics.BatchesOf(Edge)}:{EndOfSecondRound}"),
            (Edge, $"got:{SplitTopics.BatchesOf(Edge)}:{EndOfSecondRound}"),
            (Edge, $"before:sl/split/{Edge}/up/delta:2"),
            (Edge, $"after:{SplitTopics.GradientsOf(Device)}:{EndOfSecondRound}"),
        }
        where LongForm.IsAsked || (overNats && death.Item1 == Device)
        select new TheoryDataRow<bool, string, string>(overNats, death.Item1, death.Item2));

    /// <summary>The plan comes twice while a batch is under way; then a side dies between the end of the round and its answer.</summary>
    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task A_plan_takes_effect_between_two_rounds_though_a_side_is_killed_there(bool overNats, string victim, string death)
    {
        await using var fleet = await SplitProcesses.StartAsync(overNats, [victim == Edge ? $"{Edge} dies={death}" : Edge]);
        fleet.Start($"{Device} {AtMiddle}{(victim == Device ? $" dies={death}" : "")}");
        await fleet[Device].WaitForAsync("waits", TestContext.Current.CancellationToken);
        for (var time = 0; time < 2; time++)
        {
            await fleet.PublishAsync(SplitTopics.Plans, LearningCodecs.SplitPlans, new SplitPlan { Device = Device, Split = Planned });
        }

        await fleet.UntilAsync(() => fleet[Edge].Log.Split($"plan {Planned}").Length == 3);
        await fleet.UntilSavedAsync(Edge);
        fleet[Device].Tell("go");
        await fleet.UntilDeadAsync(victim);
        fleet.Start(victim);

        await EndsAsync(fleet);
        await fleet.UntilAsync(() => fleet.Sent.Any(static m => m.Round is { IsLast: true }));
        Assert.All(fleet.Sent.Where(static m => m.Rows > 0),
            static m => Assert.Equal(m.Sequence < EndOfSecondRound ? 3 : Planned, m.Split));
        var sent = fleet.Sent.Select(static m => m.Sequence).Distinct().Order().ToArray();
        Assert.Equal(Enumerable.Range(1, sent.Length).Select(static n => (long)n), sent);
        Assert.Equal(sent[..^1], fleet.Answers.Select(static a => a.Sequence).Distinct().Order());
        Assert.Single(fleet.Sent.Select(static m => m.Epoch).Distinct());
    }

    /// <summary>Three devices by FedAdapt, all over links that are played. That of one of the two slow ones drops in the fourth round of
    /// eight, and is back at the end of the sixth. It alone is probed: the others are taken for what is played.</summary>
    [Theory]
    [MemberData(nameof(MosquittoAtLeast))]
    public async Task AT_4b_A_device_whose_link_drops_takes_its_layers_back_within_two_rounds_and_returns(bool overNats)
    {
        const int AllRounds = 8, RoundBatches = 2, DropsIn = 4, IsBackIn = 6, InDrop = 3 + ((DropsIn - 1) * (RoundBatches + 1));
        var all = SplitTopics.Layers;
        await using var fleet = await SplitProcesses.StartAsync(overNats, [$"{Edge} plans=fedadapt"], devices: 3);
        var trace = fleet.Write("trace", $"0,{SplitTopics.Usual}\n1000,{SplitTopics.Drop}\n2000,{SplitTopics.Usual}\n");
        var same = $"rounds={AllRounds} batches={RoundBatches} patience=600 trace={trace}";
        var staged = $"freshness=300 gate=1 waits=before:{SplitTopics.BatchesOf(Edge)}:{InDrop}";
        fleet.Start($"{Device} {same} slowness={SplitTopics.Slow} {staged}");
        fleet.Start($"device-1 {same} slowness={SplitTopics.Slow} freshness=0");
        fleet.Start($"device-2 {same} slowness={SplitTopics.Fast} freshness=0");
        await GateAsync(fleet, AllRounds, DropsIn, IsBackIn);

        var model = await fleet.VersionAsync(AllRounds);
        At04SplitFed.Near(SplitFleet.ByHand(SplitTopics.Network, SplitTopics.Training(RoundBatches), AllRounds, devices: 3), model);
        await fleet.UntilAsync(() => Ends(fleet).Count() == 3 * AllRounds);
        Assert.All(Ends(fleet), static m => Assert.Equal(RoundBatches, m.Round!.Batches));
        Assert.Equal([1, 1, 1, all, all, 1, 1], SplitsOf(Device));
        Assert.Equal(Enumerable.Repeat(1, AllRounds - 1), SplitsOf("device-1"));
        Assert.Equal(Enumerable.Repeat(all, AllRounds - 1), SplitsOf("device-2"));
        var sent = fleet.Sent.Where(static m => m.Rows > 0).Select(static m => (m.Device, m.Sequence)).ToHashSet();
        Assert.Equal(RoundBatches * Ends(fleet).Count(m => m.Split < all), sent.Count);
        Assert.Equal(sent.Order(), AnsweredOnce(fleet).Order());
        Assert.DoesNotContain(fleet.Answers, static a => a.Voids);

        IEnumerable<int> SplitsOf(string device) =>     // from the second round on: the first one may begin before the plan
            Ends(fleet).Where(m => m.Device == device).Skip(1).Select(static m => m.Split);
    }

    /// <summary>Lets each round of the device end once the plan is that for its link: on a busy machine a probe is late.</summary>
    private static async Task GateAsync(SplitProcesses fleet, int rounds, int dropsIn, int isBackIn)
    {
        for (var round = 0; round <= rounds + 1; round++)
        {
            if (round == dropsIn)
            {
                await fleet[Device].WaitForAsync("waits", TestContext.Current.CancellationToken);
                fleet[Device].Tell("next");
                fleet[Device].Tell("go");
            }

            await fleet[Device].WaitForAsync($"round {round} is over", TestContext.Current.CancellationToken);
            if (round == isBackIn) { fleet[Device].Tell("next"); }
            var split = round >= dropsIn && round < isBackIn ? SplitTopics.Layers : 1;
            var plan = $"planned {split}, 1, {SplitTopics.Layers}";
            if (round > 0 && round < rounds) { await fleet.UntilAsync(() => LastPlan(fleet) == plan); }
            fleet[Device].Tell("go");
        }
    }

    private static string? LastPlan(SplitProcesses fleet) =>
        fleet[Edge].Log.Split('\n').LastOrDefault(static line => line.StartsWith("planned ", StringComparison.Ordinal));

    private static IEnumerable<Activations> Ends(SplitProcesses fleet) =>
        fleet.Sent.Where(static m => m.Round is { Batches: > 0 }).DistinctBy(static m => (m.Device, m.Sequence));

    private static async Task MoveInTheMiddleAsync(SplitProcesses fleet)
    {
        fleet.Start($"{Device} {AtMiddle} patience=60");       // a batch that is sent again would count as the next one
        await fleet[Device].WaitForAsync("waits", TestContext.Current.CancellationToken);
        await fleet[Next].WaitForAsync("has version 1", TestContext.Current.CancellationToken);     // or it refuses the session
        await fleet.PublishAsync(SplitTopics.SessionsOf(Edge), LearningCodecs.SessionTransfers,
            new SessionTransfer { Step = TransferStep.Move, Device = Device, From = Edge, To = Next });
    }

    /// <summary>The session went in the middle of its round, and the rest of the batches to the next edge alone.</summary>
    private static void MovedOnce(SplitProcesses fleet)
    {
        var session = fleet.Moves.First(static m => m.Step == TransferStep.Session);
        Assert.Equal((3, false), (session.Session!.Steps, session.Session.Waits));
        Assert.Equal(1, fleet.Answers.Max(static a => a.Term));
        Assert.All(fleet.Answers.Where(static a => a.Sequence > FirstOfSecondRound + 2), static a => Assert.Equal(Next, a.Edge));
    }

    /// <summary>One machine that trains the whole network. A round's version is what the device began with and what it changed by, each
    /// rounded once: with one device the mean of the changes is its own.</summary>
    private static float[] ByHand()
    {
        float[] version = [.. SplitTopics.Network.Initial.Values];
        for (var round = 0; round < Rounds; round++)
        {
            var weights = SplitFleet.OneRound(SplitTopics.Network, SplitTopics.Training(Batches), version, device: 0, round);
            for (var i = 0; i < version.Length; i++) { version[i] += weights[i] - version[i]; }
        }

        return version;
    }

    /// <summary>The last version is that of the whole network, and each batch took effect once: it has one answer, which is the same if it
    /// was given again, and the device joined once.</summary>
    private static async Task EndsAsync(SplitProcesses fleet)
    {
        var model = await fleet.VersionAsync(Rounds);
        Assert.True(Whole.Value.AsSpan().SequenceEqual(model), fleet.Text());
        Assert.All(fleet.Sent.Where(static m => m.Round is { Batches: 0, IsLast: false }), static m => Assert.Equal(1, m.Sequence));
        Assert.Equal(Rounds * Batches, AnsweredOnce(fleet).Count());
    }

    /// <summary>The batches that have an answer, which is the same if it was given again.</summary>
    private static IEnumerable<(string Device, long Sequence)> AnsweredOnce(SplitProcesses fleet)
    {
        var answered = fleet.Answers.Where(static a => a is { Begins: null, Voids: false, Sequence: > 0 })
            .GroupBy(static a => (a.Device, a.Sequence)).ToArray();
        Assert.All(answered.SelectMany(static same => same.Select(a => (First: same.First(), Again: a))), static pair =>
        {
            Assert.Equal(pair.First.Loss, pair.Again.Loss);
            Assert.Equal(pair.First.Values, pair.Again.Values);
        });
        return answered.Select(static same => same.Key);
    }
}
