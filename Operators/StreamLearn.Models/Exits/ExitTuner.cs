using System.Runtime.InteropServices;

namespace StreamLearn.Models;

/// <summary>Chooses early-exit thresholds on labeled rows that were not used for training.</summary>
public static class ExitTuner
{
    private const int MaxSweeps = 10;

    private static readonly ImmutableArray<double> Drops = [0, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 1];
    private static readonly ImmutableArray<double> Shares = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

    /// <summary>Finds the Pareto-optimal choices of thresholds.</summary>
    /// <remarks>Optimizes one threshold after the other over its quantiles until none changes, for several limits of accuracy and work;
    /// with two exits, the search is exhaustive. Cost: some thousand passes over the scores. Source: coordinate descent over the thresholds
    /// of Teerapittayanon, McDanel, Kung (2016).</remarks>
    /// <param name="logits">Scores of every exit, <c>[exits, rows, classes]</c>.</param>
    /// <param name="labels">A label per row.</param>
    /// <param name="multiplyAddsTo">Multiply-adds of a row that leaves at each exit, rising.</param>
    /// <param name="measure">Certainty measure; default entropy.</param>
    /// <param name="temperature">Divides the logits; above 0, default 1.</param>
    /// <param name="quantiles">Thresholds tried per exit, as quantiles of the measure. At least 1; default 50.</param>
    /// <param name="toClosed">Whether to append choices with fewer and fewer early exits, down to none, of which one may keep a promised
    /// limit. Default false.</param>
    /// <exception cref="ArgumentException">Lengths do not fit, or an option is out of range.</exception>
    public static ExitCurve Choose(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels, ImmutableArray<long> multiplyAddsTo,
        ExitMeasure measure = ExitMeasure.Entropy, float temperature = 1, int quantiles = 50, bool toClosed = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quantiles, 1);
        if (multiplyAddsTo.IsDefaultOrEmpty || labels.IsEmpty || logits.IsEmpty
            || logits.Length % (multiplyAddsTo.Length * labels.Length) != 0)
        {
            throw new ArgumentException("expected scores of every exit, row and class", nameof(logits));
        }

        var trial = new ExitTrial(logits, labels, multiplyAddsTo, measure, temperature, quantiles);
        foreach (var drop in Drops) { Descend(trial, new Floor(trial.FullCorrect - (drop * trial.Rows))); }
        foreach (var share in Shares) { Descend(trial, new Ceiling(share * trial.FullWork)); }
        return new()
        {
            Measure = measure,
            Temperature = temperature,
            FullAccuracy = (double)trial.FullCorrect / trial.Rows,
            Points = trial.Best(toClosed),
        };
    }

    /// <summary>Evaluates a curve's choices on independent rows, for a promise.</summary>
    /// <param name="curve">The choices.</param>
    /// <param name="logits">Scores of rows that were not used for choosing or training, <c>[exits, rows, classes]</c>.</param>
    /// <param name="labels">A label per row.</param>
    /// <exception cref="ArgumentException">Lengths do not fit.</exception>
    public static ExitJudgement Judge(ExitCurve curve, ReadOnlySpan<float> logits, ReadOnlySpan<int> labels)
    {
        Check(curve, logits, labels);
        var outcomes = new ExitOutcome[curve.Points.Length];
        Count(curve, logits, labels, (_, choice, difference) => Add(ref outcomes[choice], difference));
        return new() { Curve = curve, Rows = labels.Length, Outcomes = ImmutableCollectionsMarshal.AsImmutableArray(outcomes) };
    }

    /// <summary>Evaluates a curve's choices on groups of rows, such as people, for a promise about new groups.</summary>
    /// <remarks>No group may contain a row that was used for choosing or training.</remarks>
    /// <param name="curve">The choices.</param>
    /// <param name="logits">Scores of rows that were not used for choosing or training, <c>[exits, rows, classes]</c>.</param>
    /// <param name="labels">A label per row.</param>
    /// <param name="groups">Group number of each row, in any order.</param>
    /// <exception cref="ArgumentException">Lengths do not fit.</exception>
    public static ExitJudgement Judge(ExitCurve curve, ReadOnlySpan<float> logits, ReadOnlySpan<int> labels, ReadOnlySpan<int> groups)
    {
        Check(curve, logits, labels);
        if (groups.Length != labels.Length)
        {
            throw new ArgumentException($"expected a group for each of {labels.Length} rows, got {groups.Length}", nameof(groups));
        }

        var (places, place) = (new Dictionary<int, int>(), new int[groups.Length]);
        for (var r = 0; r < groups.Length; r++)
        {
            if (!places.TryGetValue(groups[r], out place[r])) { places.Add(groups[r], place[r] = places.Count); }
        }

        var (rows, all) = (new int[places.Count], new ExitOutcome[curve.Points.Length]);
        var outcomes = Array.ConvertAll(rows, _ => new ExitOutcome[curve.Points.Length]);
        foreach (var group in place) { rows[group]++; }
        Count(curve, logits, labels, (row, choice, difference) =>
        {
            Add(ref outcomes[place[row]][choice], difference);
            Add(ref all[choice], difference);
        });
        return new()
        {
            Curve = curve,
            Rows = labels.Length,
            Outcomes = ImmutableCollectionsMarshal.AsImmutableArray(all),
            Groups =
            [
                .. outcomes.Select((o, g) => new ExitJudgement
                {
                    Curve = curve,
                    Rows = rows[g],
                    Outcomes = ImmutableCollectionsMarshal.AsImmutableArray(o),
                }),
            ],
        };
    }

    private static void Check(ExitCurve curve, ReadOnlySpan<float> logits, ReadOnlySpan<int> labels)
    {
        ArgumentNullException.ThrowIfNull(curve);
        var (exits, rows) = (curve.Points[0].Thresholds.Length + 1, labels.Length);
        if (rows == 0 || logits.IsEmpty || logits.Length % (exits * rows) != 0)
        {
            throw new ArgumentException(
                $"expected scores of {exits} exits, {rows} rows and every class, got {logits.Length}", nameof(logits));
        }
    }

    private static void Add(ref ExitOutcome outcome, int lost) => outcome =
        lost > 0 ? outcome with { Lost = outcome.Lost + 1 } : outcome with { Gained = outcome.Gained + 1 };

    /// <summary>Calls back for each row and choice: the answer was lost (1) or gained (−1) by exiting early.</summary>
    private static void Count(ExitCurve curve, ReadOnlySpan<float> logits, ReadOnlySpan<int> labels, Action<int, int, int> differs)
    {
        var (exits, rows) = (curve.Points[0].Thresholds.Length + 1, labels.Length);
        var classes = logits.Length / (exits * rows);
        var (measured, right) = (new float[exits], new bool[exits]);
        for (var r = 0; r < rows; r++)
        {
            for (var exit = 0; exit < exits; exit++)
            {
                var scores = logits.Slice(((exit * rows) + r) * classes, classes);
                right[exit] = ModelPlan.ClassOf(scores) == labels[r];
                measured[exit] = Certainty.Of(curve.Measure, scores, curve.Temperature);
            }

            for (var i = 0; i < curve.Points.Length; i++)
            {
                var (thresholds, exit) = (curve.Points[i].Thresholds, 0);
                while (exit < thresholds.Length && !ExitRule.Leaves(curve.Measure, thresholds[exit], measured[exit])) { exit++; }
                if (right[exit] != right[^1]) { differs(r, i, right[exit] ? -1 : 1); }
            }
        }
    }

    private static void Descend(ExitTrial trial, Goal goal)
    {
        var chosen = new int[trial.Exits - 1];
        Array.Fill(chosen, goal.Start(trial));
        var best = trial.Try(chosen);
        for (var (sweep, moved) = (0, true); sweep < MaxSweeps && moved; sweep++)
        {
            moved = false;
            for (var exit = 0; exit < chosen.Length; exit++)
            {
                var kept = chosen[exit];
                for (var place = 0; place < trial.Places; place++)
                {
                    chosen[exit] = place;
                    var result = trial.Try(chosen);
                    if (goal.IsBetter(result, best)) { (best, kept, moved) = (result, place, true); }
                }

                chosen[exit] = kept;
            }
        }
    }

    private abstract record Goal
    {
        internal abstract int Start(ExitTrial trial);

        internal abstract bool IsBetter(ExitResult candidate, ExitResult best);
    }

    /// <summary>The least work for an accuracy; starts without early exits.</summary>
    private sealed record Floor(double Correct) : Goal
    {
        internal override int Start(ExitTrial trial) => 0;

        internal override bool IsBetter(ExitResult candidate, ExitResult best) => candidate.Correct >= Correct
            && (candidate.Work < best.Work || (candidate.Work == best.Work && candidate.Correct > best.Correct));
    }

    /// <summary>Best accuracy within a work limit; starts with all rows leaving at the first exit.</summary>
    private sealed record Ceiling(double Work) : Goal
    {
        internal override int Start(ExitTrial trial) => trial.Places - 1;

        internal override bool IsBetter(ExitResult candidate, ExitResult best) => candidate.Work <= Work
            && (candidate.Correct > best.Correct || (candidate.Correct == best.Correct && candidate.Work < best.Work));
    }
}
