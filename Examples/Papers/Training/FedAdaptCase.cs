namespace Papers;

/// <summary>FedAdapt on its test bed: two Pi 3, two Pi 4 and a Jetson Nano over a hundred rounds.</summary>
internal sealed record FedAdaptCase(LayerCosts Model, double BitsPerSecond, double BytesPerValue, bool HasDrops = false)
{
    private const int Rounds = 100, FirstDrop = 50, DropRounds = 10;
    private const double Drop = 10e6;           // rate of the device whose link drops

    /// <summary>Limit below which a device is in the group with slow links. The source's 5 Mbit/s would exclude a link of 10.</summary>
    private const double Slow = 15e6;

    /// <summary>Time is the only objective; the optimizer has a momentum.</summary>
    internal Objective Objective => new() { Alpha = 1, BytesPerValue = BytesPerValue, BytesPerGradient = BytesPerValue };
    internal ResourceView Start => World(0);
    internal Plan Local => PlanValue.Local(Model, Start, Objective);

    internal FedAdaptTraining Training => new()
    {
        SlowBitsPerSecond = HasDrops ? Slow : 0,
        DropBitsPerSecond = HasDrops ? Drop : null,
    };

    internal FedAdapt Train(long seed, CancellationToken cancellationToken = default) =>
        Training.Train(Model, Start, Objective, seed, cancellationToken: cancellationToken);

    /// <summary>Plays the rounds. FedAdapt begins with a round of classic federated learning and uses its times.</summary>
    internal ImmutableArray<PlayedRound> Play(Planner planner) =>
        PlayedRounds.Play(Model, Objective, planner, Rounds, World, planner is FedAdapt ? Local : null);

    internal ImmutableArray<PlayedRound> PlayBestCommon() => Enumerable.Range(1, Model.Count)
        .Select(split => Play(new FixedSplit(split))).MinBy(static rounds => rounds.Seconds());

    private ResourceView World(int round)
    {
        var view = TestBed.View(Model, BitsPerSecond, BitsPerSecond, TestBed.FedAdapt.AsSpan());
        if (!HasDrops || round < FirstDrop) { return view; }
        var device = TestBed.FedAdapt[(round - FirstDrop) / DropRounds].Name;
        return view with
        {
            Links = [.. view.Links.Select(link => link.From == device || link.To == device ? link with { BitsPerSecond = Drop } : link)],
        };
    }
}
