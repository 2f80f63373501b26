using System.Collections.Immutable;
using System.Globalization;
using StreamLearn;

namespace TauDemo;

/// <summary>A fleet that was drawn: what is learned of which data, by how many nodes, with aggregations that take so many times as long as
/// those of the source, in so many seconds.</summary>
internal sealed record TauCombination(string Model, string Data, int Nodes, DataCase Case, double Aggregation, int Seconds)
{
    /// <summary>The fleet, but for its seed. <paramref name="folder"/>: see <see cref="DrawnModels.Of"/>.</summary>
    internal TauFleetSettings Fleet(string? folder) => DrawnModels.Of(Model, Data, folder).Fleet with
    {
        Nodes = Nodes,
        Case = Case,
        Timing = TimingModel.Stochastic.Delayed(Aggregation),
        Budget = TimeSpan.FromSeconds(Seconds),
    };

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Model,-9} {Data,-9} {Nodes,2} nodes, case {(int)Case}, x{Aggregation,-4} {Seconds,2} s");
}

/// <summary>Draws combinations by a seed: same seed, same combinations.</summary>
internal static class TauDraw
{
    /// <summary>The seed of the table; others are to try settings on.</summary>
    internal const long Seed = 60;

    /// <summary>Combinations of the table.</summary>
    internal const int Count = 60;

    /// <summary>Times that each value of each axis comes at least.</summary>
    internal const int Least = 5;

    internal static ImmutableArray<string> Models { get; } = ["svm", "linreg", "kmeans", "softmax", "mlp", "cnn-small"];

    internal static ImmutableArray<string> Data { get; } = ["mnist", "har", "gas", "occupancy"];

    internal static ImmutableArray<int> Nodes { get; } = [3, 5, 10, 20];

    internal static ImmutableArray<DataCase> Cases { get; } = [.. Enum.GetValues<DataCase>()];

    internal static ImmutableArray<double> Aggregations { get; } = [0.1, 0.25, 1, 4, 16];

    internal static ImmutableArray<int> Seconds { get; } = [5, 15];

    /// <summary>Draws each value alike and all anew, until models fit their data, none is there twice and none comes too seldom.</summary>
    internal static ImmutableArray<TauCombination> Of(long seed)
    {
        var random = new RandomStream(seed, "combinations");
        while (true)
        {
            var drawn = new HashSet<TauCombination>();
            while (drawn.Count < Count)
            {
                var one = new TauCombination(random.Of(Models), random.Of(Data), random.Of(Nodes), random.Of(Cases),
                    random.Of(Aggregations), random.Of(Seconds));
                if (Fits(one.Model, one.Data)) { drawn.Add(one); }
            }

            if (IsEnough([.. drawn])) { return [.. drawn]; }
        }
    }

    /// <summary>True if a model can learn from the data: a line needs a value that goes on, a convolution needs pixels.</summary>
    internal static bool Fits(string model, string data) => model switch
    {
        "linreg" => data is "gas" or "occupancy",
        "cnn-small" => data is "mnist",
        _ => true,
    };

    /// <summary>True if each value of each axis comes often enough.</summary>
    internal static bool IsEnough(IReadOnlyCollection<TauCombination> drawn) =>
        Models.All(v => drawn.Count(c => c.Model == v) >= Least) && Data.All(v => drawn.Count(c => c.Data == v) >= Least)
        && Nodes.All(v => drawn.Count(c => c.Nodes == v) >= Least) && Cases.All(v => drawn.Count(c => c.Case == v) >= Least)
        && Aggregations.All(v => drawn.Count(c => c.Aggregation == v) >= Least)
        && Seconds.All(v => drawn.Count(c => c.Seconds == v) >= Least);

    private static T Of<T>(this RandomStream random, ImmutableArray<T> values) => values[random.NextInt32(values.Length)];
}
