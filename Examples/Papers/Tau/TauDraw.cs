namespace Papers;

/// <summary>A randomly drawn fleet. Aggregation: its duration as a multiple of that in the source. Seconds: the budget.</summary>
internal sealed record TauCombination(string Model, string Data, int Nodes, DataCase Case, double Aggregation, int Seconds)
{
    internal TauFleetSettings Fleet(string folder) => DrawnModels.Of(Model, Data, folder).Fleet with
    {
        Nodes = Nodes,
        Case = Case,
        Timing = TimingModel.Stochastic.Delayed(Aggregation),
        Budget = TimeSpan.FromSeconds(Seconds),
    };

    internal string Line(int number, TauComparison c) =>
        Invariant($"{number,2} {this} | {c.Adaptive.Loss:F4} with {c.Adaptive.Steps,5:F1} | {c.BestLoss:F4} with {c.BestSteps,3} | ")
        + Invariant($"{c.Fixed[c.WorstSteps].Loss:F4} with {c.WorstSteps,3} | {100 * c.Excess,5:F1} %");

    public override string ToString() =>
        Invariant($"{Model,-9} {Data,-9} {Nodes,2} nodes, case {(int)Case}, x{Aggregation,-4} {Seconds,2} s");
}

/// <summary>Draws sixty combinations; the same seed gives the same combinations.</summary>
internal static class TauDraw
{
    internal const long Seed = 60;
    private const int Count = 60;
    private const int Least = 5;        // minimum occurrences of each value on each axis
    private static readonly string[] Models = ["svm", "linreg", "kmeans", "softmax", "mlp", "cnn-small"];
    private static readonly string[] Data = ["mnist", "har", "gas", "occupancy"];
    private static readonly int[] Nodes = [3, 5, 10, 20];
    private static readonly DataCase[] Cases = Enum.GetValues<DataCase>();
    private static readonly double[] Aggregations = [0.1, 0.25, 1, 4, 16];
    private static readonly int[] Seconds = [5, 15];

    /// <summary>Draws values uniformly, and repeats until models fit their data, without duplicates or rare values.</summary>
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
                if (Fits(one)) { drawn.Add(one); }
            }

            if (IsEnough(drawn, Models, static c => c.Model) && IsEnough(drawn, Data, static c => c.Data)
                && IsEnough(drawn, Nodes, static c => c.Nodes) && IsEnough(drawn, Cases, static c => c.Case)
                && IsEnough(drawn, Aggregations, static c => c.Aggregation) && IsEnough(drawn, Seconds, static c => c.Seconds))
            {
                return [.. drawn];
            }
        }
    }

    /// <summary>Linear regression needs a continuous value, and a convolution needs pixels.</summary>
    private static bool Fits(TauCombination one) => one.Model switch
    {
        "linreg" => one.Data is "gas" or "occupancy",
        "cnn-small" => one.Data is "mnist",
        _ => true,
    };

    private static bool IsEnough<T>(HashSet<TauCombination> drawn, T[] values, Func<TauCombination, T> of) =>
        values.All(v => drawn.Count(c => Equals(of(c), v)) >= Least);

    private static T Of<T>(this RandomStream random, T[] values) => values[random.NextInt32(values.Length)];
}
