namespace Contract.Tests;

public sealed class CatalogTests
{
    /// <summary>Operators whose state cannot be saved: it is the program's, which has not said how.</summary>
    internal static readonly string[] NotSaved =
    [
        "Scan`2",
    ];

    /// <summary>Operators that keep nothing across calls.</summary>
    private static readonly string[] WithoutState =
    [
        "Averaged", "Discard`1", "DropNonFinite", "EchoProbes", "Filter`1", "ForEach`1",
        "Made", "Map`2", "MapAsync`2", "MeanDeviation", "PartRefused",
        "PassOn`1", "PooledMap`2", "Redact", "Rocket", "RowQuestions", "ServeTier",
        "ShiftClock", "TargetOfWindow", "WindowFeatures", "WithoutLabels",
    ];

    [Fact]
    public void Every_operator_keeps_nothing_or_can_be_saved_but_for_those_that_are_named() => Assert.Equal(
        Types().Where(t => !t.IsAssignableTo(typeof(IStateful))).Select(t => t.Name).Order(StringComparer.Ordinal),
        NotSaved.Concat(WithoutState).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_operator_of_the_libraries_is_in_the_catalog() => Assert.Equal(
        Types().Select(t => t.Name).Order(StringComparer.Ordinal),
        Catalog.Operators.Select(o => o.Operator).Order(StringComparer.Ordinal));

    private static IEnumerable<Type> Types()
    {
        var libraries = new[] { typeof(Pipeline), typeof(WindowOptions), typeof(TrainOptions), typeof(StreamLearn.Nodes.SplitTrainOptions),
            typeof(StreamLearn.Fleets.FedBuff),
            typeof(StreamLearn.Formats.IdxFile) };

        return libraries.Select(t => t.Assembly).Distinct()
            .SelectMany(a => a.GetTypes())
            .Where(t => t is { IsClass: true, IsAbstract: false } && t.IsSubclassOf(typeof(Operator)));
    }
}
