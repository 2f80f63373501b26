using System.Numerics.Tensors;
using StreamLearn.Models;

namespace StreamLearn.Simulated;

internal sealed record ExitStudy
{
    private const double MaxAccuracyLoss = 0.005;
    private const int BlockRows = 16;
    private const int MaxChoices = 16;

    /// <summary>Upper bound in nats, since a network is more certain about training people than about others.</summary>
    private const float MaxEntropy = 0.6f;

    public required ExitRule Rule { get; init; }
    public required ExitCurve Curve { get; init; }                          // choices of thresholds, measured on training people
    public required PromisedExits Promised { get; init; }                   // maximum loss for new people
    public string Ground { get; init; } = "";                               // what the guarantee is based on
    public required double FullAccuracy { get; init; }                      // accuracy on unseen rows if no row leaves early
    public required long[] Rows { get; init; }                              // rows that left at each exit
    public required long[] Correct { get; init; }
    public required IReadOnlyList<PersonJudged> People { get; init; }       // accuracy by unseen person
    public required long[] Confusion { get; init; }
    public required long MultiplyAdds { get; init; }
    public required TimeSpan FullTime { get; init; }                        // time per row through the full network, on one core
    public required TimeSpan ExitTime { get; init; }                        // time per row with exits, on one core

    internal double Accuracy => (double)Correct.Sum() / Math.Max(1, Rows.Sum());

    internal double EarlyShare => 1 - ((double)Rows[^1] / Math.Max(1, Rows.Sum()));

    internal double MultiplyAddsFraction(Network network) => (double)MultiplyAdds / (network.Plan.MultiplyAdds * Math.Max(1, Rows.Sum()));

    /// <summary>Returns the card with what was measured.</summary>
    internal ModelCard On(ModelCard card, Network network) =>
        Promised.On(card with { ExitPlan = new() { SchemaHash = network.Plan.SchemaHash, Curve = Curve } });

    /// <summary>Returns the cheapest thresholds guaranteed to lose at most half a point on training people. With too few people, rows count
    /// as independent, and the returned reason says so.</summary>
    internal static (ExitRule Rule, PromisedExits Promised, string Ground, ExitCurve Curve) Choose(
        Network network, Weights weights, LabelledWindows training)
    {
        var (choosing, judging) = (Half(isChoosing: true), Half(isChoosing: false));
        var curve = ExitTuner.Choose(LogitsOf(choosing), choosing.Labels, network.MultiplyAddsTo, toClosed: true);
        var judgement = ExitTuner.Judge(curve, LogitsOf(judging), judging.Labels, judging.Owners);
        var promise = judgement.CheapestWithin(MaxAccuracyLoss);
        var promised = PromisedExits.Of(promise);
        var ground = $"Measured on {judgement.Groups.Length} training people: {promise}.";
        if (promise.Refusal == ExitRefusal.TooFewGroups)
        {
            promise = (judgement with { Groups = [] }).CheapestWithin(MaxAccuracyLoss);
            ground = $"No guarantee for other people: {judgement.Groups.Length} training people are too few to measure it.";
        }

        // closing an exit further only leaves rows to later exits
        var rule = promise.Rule with { Thresholds = [.. promise.Rule.Thresholds.Select(static t => Math.Min(t, MaxEntropy))] };
        return (rule, promised, ground, curve.Thin(MaxChoices));

        // alternating blocks: overlapping windows stay on one side, and both sides have every person
        LabelledWindows Half(bool isChoosing) => training.Where(r => r / BlockRows % 2 == (isChoosing ? 0 : 1));

        float[] LogitsOf(LabelledWindows half)
        {
            var logits = new float[network.Exits.Length * half.Labels.Length * network.Plan.Outputs];
            network.Logits(weights.Values.AsSpan(), new(half.Features, half.Labels.Length), logits, new());
            return logits;
        }
    }

    internal static ExitStudy Of(
        Network network, Weights weights, (ExitRule Rule, PromisedExits Promised, string Ground, ExitCurve Curve) chosen,
        LabelledWindows test)
    {
        var memory = new Workspace();
        var count = test.Labels.Length;
        var (probabilities, exits) = (new float[count * network.Plan.Outputs], new int[count]);
        var never = ExitRule.Never(network.Exits.Length);
        var full = Timed(() => network.Answer(weights.Values.AsSpan(), test.Sample, never, probabilities, exits, memory));
        var fullCorrect = Enumerable.Range(0, count).Count(r => AnswerOf(probabilities, r, network) == test.Labels[r]);
        long executed = 0;
        var early = Timed(() => executed = network.Answer(weights.Values.AsSpan(), test.Sample, chosen.Rule, probabilities, exits, memory));
        var (rows, correct) = (new long[network.Exits.Length], new long[network.Exits.Length]);
        var people = test.Names.Select(_ => (Rows: 0L, Correct: 0L)).ToArray();
        var confusion = new long[network.Plan.Outputs * network.Plan.Outputs];
        for (var r = 0; r < count; r++)
        {
            var answer = AnswerOf(probabilities, r, network);
            rows[exits[r]]++;
            var isRight = answer == test.Labels[r] ? 1 : 0;
            correct[exits[r]] += isRight;
            ref var person = ref people[test.Owners[r]];
            person = (person.Rows + 1, person.Correct + isRight);
            confusion[(test.Labels[r] * network.Plan.Outputs) + answer]++;
        }

        return new()
        {
            Rule = chosen.Rule,
            Curve = chosen.Curve,
            Promised = chosen.Promised,
            Ground = chosen.Ground,
            FullAccuracy = (double)fullCorrect / count,
            Rows = rows,
            Correct = correct,
            Confusion = confusion,
            People = [.. test.Names.Zip(people, static (name, p) => new PersonJudged(name, p.Rows, p.Correct))],
            MultiplyAdds = executed,
            FullTime = full / count,
            ExitTime = early / count,
        };
    }

    internal IEnumerable<RunEvent> Events(string mode, double seconds, Network network)
    {
        yield return new ExitsJudged
        {
            Mode = mode,
            Seconds = seconds,
            Measure = Rule.Measure.ToString().ToLowerInvariant(),
            Exits = [.. Rows.Select((rows, e) => new ExitJudged(
                rows, Correct[e], network.MultiplyAddsTo[e], e < Rule.Thresholds.Length ? Rule.Thresholds[e] : null))],
            FullNetworkAccuracy = FullAccuracy,
            MultiplyAddsFraction = MultiplyAddsFraction(network),
            FullNanosecondsPerRow = FullTime.TotalNanoseconds,
            ExitNanosecondsPerRow = ExitTime.TotalNanoseconds,
            Text = Ground,
        };
        yield return new ConfusionJudged(Confusion) { Mode = mode, Seconds = seconds };
        yield return new PeopleJudged(People) { Mode = mode, Seconds = seconds };
    }

    private static int AnswerOf(float[] probabilities, int row, Network network) =>
        AnswerOf(probabilities.AsSpan(row * network.Plan.Outputs, network.Plan.Outputs));

    private static int AnswerOf(ReadOnlySpan<float> scores) => scores.IndexOf(TensorPrimitives.Max(scores));

    private static TimeSpan Timed(Action work)
    {
        work();
        return Enumerable.Range(0, 3).Min(_ =>
        {
            var started = TimeProvider.System.GetTimestamp();
            work();
            return TimeProvider.System.GetElapsedTime(started);
        });
    }
}
