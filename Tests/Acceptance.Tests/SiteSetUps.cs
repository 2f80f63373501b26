namespace Acceptance.Tests;

/// <summary>Data that sites learn, and how it is dealt to them. <paramref name="IsAlike"/>: true: each site has rows of all
/// classes.</summary>
internal sealed record SiteSetUp(
    string Name, bool IsAlike, Func<long, (SiteData Data, ImmutableArray<ImmutableArray<int>> Rows)> Make)
{
    /// <summary>Steps of a site for each exchange; 800 in all.</summary>
    internal int StepsPerUpdate { get; init; } = 1;
}

/// <summary>
/// The set-ups by which a threshold is chosen, and those that judge it: <see cref="Final"/> is run for the table of results alone. Each
/// runs with seeds 0, 1 and 2, 800 steps of 32 rows at every site, an exchange for each step or for each eight. Real data where it is
/// there, else generated.
/// </summary>
internal static class SiteSetUps
{
    internal const int Seeds = 3;
    internal const int Steps = 800;

    private const int Digits = 6000;
    private const int HiddenUnits = 32;
    private const float Rate = 0.02f;
    private const float HiddenRate = 0.01f;
    private const long OtherDigits = 100;       // the seed of generated digits in the place of MNIST

    private static readonly Lazy<(ImmutableArray<LabeledRows> People, LabeledRows Unseen, bool Real)> Movements =
        new(MovementFeatures.Load);

    private static readonly Lazy<(LabeledRows Training, LabeledRows Unseen, bool Real)> Mnist = new(() => LabeledRows.Digits(60_000));

    internal static ImmutableArray<SiteSetUp> Chosen { get; } =
    [
        new("generated digits, 5 sites, alike", true, seed => Alike(Generated(seed), 5)),
        new("generated digits, 5 sites, by label", false, seed => ByLabel(Generated(seed), 5)),
        new("movements, hidden layer, 7 sites, by person", true, seed => ByPerson(seed, 7)),
        new("movements, 3 sites, by label", false, seed => ByLabel(OfMovements(seed, isHidden: false), 3)),
        new("generated digits, 5 sites, alike, 8 steps", true, seed => Alike(Generated(seed), 5)) { StepsPerUpdate = 8 },
        new("generated digits, 5 sites, by label, 8 steps", false, seed => ByLabel(Generated(seed), 5)) { StepsPerUpdate = 8 },
        new("generated digits, hidden layer, 5 sites, by label, 4 steps", false, seed => ByLabel(GeneratedHidden(seed), 5))
            { StepsPerUpdate = 4 },
        new("movements, hidden layer, 3 sites, by label, 8 steps", false, seed => ByLabel(OfMovements(seed, isHidden: true), 3))
            { StepsPerUpdate = 8 },
    ];

    /// <summary>Those that need no data and little time.</summary>
    internal static ImmutableArray<SiteSetUp> Few => Chosen[4..6];

    internal static ImmutableArray<SiteSetUp> Final { get; } =
    [
        new("MNIST, 5 sites, alike", true, seed => Alike(OfMnist(seed), 5)),
        new("MNIST, 5 sites, by label", false, seed => ByLabel(OfMnist(seed), 5)),
        new("generated digits, 10 sites, by label", false, seed => ByLabel(Generated(seed), 10)),
        new("movements, hidden layer, 6 sites, by label", false, seed => ByLabel(OfMovements(seed, isHidden: true), 6)),
        new("MNIST, 10 sites, alike, 8 steps", true, seed => Alike(OfMnist(seed), 10)) { StepsPerUpdate = 8 },
        new("MNIST, 5 sites, by label, 8 steps", false, seed => ByLabel(OfMnist(seed), 5)) { StepsPerUpdate = 8 },
    ];

    /// <summary>Where a promise is missed, as the list of deviations says.</summary>
    internal static ImmutableArray<string> Missed { get; } = ["MNIST, 10 sites, alike, 8 steps"];

    /// <summary>Digits 8 and 9 to the last of five sites, the others in turn to the first four.</summary>
    internal static (SiteData Data, ImmutableArray<ImmutableArray<int>> Rows) OneDiffers(long seed)
    {
        var data = Generated(seed);
        var rows = Enumerable.Range(0, 5).Select(static _ => ImmutableArray.CreateBuilder<int>()).ToArray();
        foreach (var (i, label) in data.Training.Labels.Index()) { rows[label >= 8 ? 4 : i % 4].Add(i); }
        return (data, [.. rows.Select(static r => r.ToImmutable())]);
    }

    private static SiteData Generated(long seed) => new(LabeledRows.Of(GlyphDigits.Generate(Digits, seed)),
        LabeledRows.Of(GlyphDigits.Generate(2000, 1000 + seed)), Softmax(GlyphDigits.Pixels, GlyphDigits.Classes, seed), Rate);

    private static SiteData GeneratedHidden(long seed) => Generated(seed) with
    {
        Model = ReferenceModels.Mlp(GlyphDigits.Pixels, [HiddenUnits], GlyphDigits.Classes, seed + 1),
    };

    /// <summary>6000 digits of their own for each seed.</summary>
    private static SiteData OfMnist(long seed)
    {
        if (!Mnist.Value.Real) { return Generated(OtherDigits + seed); }
        var (from, all) = ((int)seed * Digits, Mnist.Value.Training);
        return new(
            new(all.Features[(from * all.Width)..((from + Digits) * all.Width)], all.Labels[from..(from + Digits)]), Mnist.Value.Unseen,
            Softmax(all.Width, 10, seed), Rate);
    }

    private static SiteData OfMovements(long seed, bool isHidden)
    {
        var (people, unseen, _) = Movements.Value;
        var classes = HarRecordings.Activities.Length;
        return new(LabeledRows.Of(people), unseen,
            isHidden ? ReferenceModels.Mlp(unseen.Width, [HiddenUnits], classes, seed + 1) : Softmax(unseen.Width, classes, seed),
            isHidden ? HiddenRate : Rate);
    }

    private static Network Softmax(int width, int classes, long seed) => ReferenceModels.Softmax(width, classes, seed + 1);

    private static (SiteData Data, ImmutableArray<ImmutableArray<int>> Rows) Alike(SiteData data, int sites) =>
        (data, Partition.Uniform(data.Training.Count, sites));

    private static (SiteData Data, ImmutableArray<ImmutableArray<int>> Rows) ByLabel(SiteData data, int sites) =>
        (data, Partition.ByLabel(data.Training.Labels, sites));

    private static (SiteData Data, ImmutableArray<ImmutableArray<int>> Rows) ByPerson(long seed, int sites)
    {
        var rows = Enumerable.Range(0, sites).Select(static _ => ImmutableArray.CreateBuilder<int>()).ToArray();
        var from = 0;
        foreach (var (i, person) in Movements.Value.People.Index())
        {
            rows[i % sites].AddRange(Enumerable.Range(from, person.Count));
            from += person.Count;
        }

        return (OfMovements(seed, isHidden: true), [.. rows.Select(static r => r.ToImmutable())]);
    }
}
