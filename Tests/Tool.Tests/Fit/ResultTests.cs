namespace Tool.Tests;

public sealed class ResultTests
{
    private static readonly RunResult Run = new()
    {
        Mode = "async",
        Accuracy = 1,
        SecondsToTarget = 1,
        VirtualSecondsToTarget = 1,
        Versions = 1,
        WeightsSha256 = "",
        WallSeconds = 1,
    };

    private static readonly FleetResult Good = new()
    {
        Host = "simulation",
        Data = "",
        Scenario = "",
        Seed = 1,
        Accuracy = 1,
        AccuracyFullNetwork = 1,
        Target = 0.8,
        EarlyExitShare = 0,
        MacsFraction = 1,
        InferenceTimeFraction = 1,
        TestRows = 1,
        LedgerAddsUp = true,
        VirtualSeconds = 1,
        WallSeconds = 1,
        Events = 1,
        Runs = [Run],
        Devices = [Device(null)],
    };

    private static readonly List<RunResult> Lost =
        [Run with { Messages = new() { Messages = 1, Updates = 1, Applied = 0, Lost = 1 } }];

    private static readonly FleetResult Doubtful = Good with { Doubts = [new("async", "staleness", "too stale")] };

    [Fact]
    public void A_good_run_ends_with_0() => Assert.Equal(0, FleetResult.ExitCodeOf(Good));

    [Fact]
    public void A_device_that_failed_ends_the_program_with_1() =>
        Assert.Equal(1, FleetResult.ExitCodeOf(Good with { Devices = [Device(null), Device("it broke")] }));

    [Fact]
    public void A_ledger_that_does_not_add_up_ends_the_program_with_1() =>
        Assert.Equal(1, FleetResult.ExitCodeOf(Good with { LedgerAddsUp = false }));

    [Fact]
    public void An_update_that_was_lost_ends_the_program_with_1() =>
        Assert.Equal(1, FleetResult.ExitCodeOf(Good with { Runs = Lost }));

    [Fact]
    public void A_doubt_ends_the_program_with_3() => Assert.Equal(3, FleetResult.ExitCodeOf(Doubtful));

    [Fact]
    public void What_failed_counts_more_than_a_doubt()
    {
        Assert.Equal(1, FleetResult.ExitCodeOf(Doubtful with { Devices = [Device("it broke")] }));
        Assert.Equal(1, FleetResult.ExitCodeOf(Doubtful with { Runs = Lost }));
        Assert.Equal(1, FleetResult.ExitCodeOf(Doubtful with { LedgerAddsUp = false }));
    }

    [Fact]
    public void A_failure_says_why_and_a_doubt_is_none()
    {
        var lost = Good with { Runs = Lost, Devices = [Device("it broke")] };

        Assert.StartsWith("d: it broke; updates lost, or without an answer when the device ended: ", FleetResult.ErrorOf(lost),
            StringComparison.Ordinal);
        Assert.Null(FleetResult.ErrorOf(Doubtful));
    }

    [Fact]
    public void Doubts_stand_in_the_result_with_their_run_and_without_one_the_list_is_empty()
    {
        var doubts = JsonDocument.Parse(Doubtful.ToJson()).RootElement.GetProperty("doubts");

        var names = Assert.Single(doubts.EnumerateArray()).EnumerateObject().Select(p => $"{p.Name}: {p.Value}");
        Assert.Equal(["mode: async", "kind: staleness", "text: too stale"], names);
        Assert.Equal(0, JsonDocument.Parse(Good.ToJson()).RootElement.GetProperty("doubts").GetArrayLength());
    }

    private static DeviceResult Device(string? failure) => new()
    {
        Name = "d",
        Speed = 1,
        Rows = 1,
        Windows = 1,
        RowsTrained = 1,
        Updates = 1,
        PrequentialAccuracy = 1,
        BytesUp = 1,
        BusySeconds = 1,
        EndedAtVirtualSeconds = 1,
        State = "done",
        Failure = failure,
    };
}
