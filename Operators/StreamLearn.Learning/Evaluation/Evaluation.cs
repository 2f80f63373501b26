using System.Collections.Immutable;
using StreamLearn.Models;

namespace StreamLearn.Learning;

/// <summary>How well a model version answered some labelled rows. Immutable.</summary>
/// <remarks>Source: Cohen (1960) for kappa.</remarks>
public sealed record Evaluation : ISized
{
    /// <summary>Who answered; in a fleet, the device.</summary>
    public required string Device { get; init; }

    /// <summary>The model version in use when the last row was answered.</summary>
    public required long ModelVersion { get; init; }

    /// <summary>Rows answered.</summary>
    public required long Rows { get; init; }

    /// <summary>Rows answered with their label.</summary>
    public required long Correct { get; init; }

    /// <summary>
    /// Mean loss of a row. Of classes, the cross-entropy in nats; a probability below 1e-7 counts as that. Of values, half the squared
    /// error. Of a model that is told nothing, its own.
    /// </summary>
    public required double Loss { get; init; }

    /// <summary>Rows by label and answer, <c>[label × classes + answer]</c>; empty if there are no classes.</summary>
    public required ImmutableArray<long> Confusion { get; init; }

    /// <summary>Steps that training took back, because a loss or weights were not finite. Default 0.</summary>
    public long RolledBack { get; init; }

    /// <summary>How far answers of a model of a value were off; of no answers for another.</summary>
    public ValueErrors Values { get; init; }

    /// <summary>Share of rows answered with their label; 0 without rows, NaN without classes.</summary>
    public double Accuracy => Confusion.IsEmpty ? double.NaN : Rows == 0 ? 0 : (double)Correct / Rows;

    /// <summary>
    /// Accuracy above chance: (p0 − pc)/(1 − pc), where pc is the agreement of two who answer at the same rates by chance; 0 where pc is 1,
    /// NaN without classes.
    /// </summary>
    public double Kappa => Confusion.IsEmpty ? double.NaN : Matrix.Kappa;

    /// <summary>The rows by label and answer, with what follows from them.</summary>
    /// <exception cref="ArgumentException">There are no classes.</exception>
    public ConfusionMatrix Matrix => new(Confusion);

    /// <inheritdoc />
    public long SizeBytes => 136 + (8L * Confusion.Length);

    /// <summary>Evaluates a model version on labelled rows at once.</summary>
    /// <param name="model">The model.</param>
    /// <param name="weights">The version.</param>
    /// <param name="sample">The rows, with labels or targets as the model asks for.</param>
    /// <param name="device">Who asks.</param>
    public static Evaluation Of(IModel model, Weights weights, in Sample sample, string device = "")
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(weights);
        var board = new Scoreboard(model);
        board.Score(weights.Values.AsSpan(), sample, new());
        return board.Take(device, weights.Version);
    }

    /// <summary>Joins two evaluations of disjoint rows; device and version are the newer one's.</summary>
    /// <param name="older">The earlier rows.</param>
    /// <param name="newer">The later rows.</param>
    /// <exception cref="ArgumentException">They differ in classes.</exception>
    public static Evaluation Add(Evaluation older, Evaluation newer)
    {
        ArgumentNullException.ThrowIfNull(older);
        ArgumentNullException.ThrowIfNull(newer);
        if (older.Confusion.Length != newer.Confusion.Length)
        {
            throw new ArgumentException("expected evaluations of the same classes", nameof(newer));
        }
        var rows = older.Rows + newer.Rows;
        return newer with
        {
            Rows = rows,
            Correct = older.Correct + newer.Correct,
            RolledBack = older.RolledBack + newer.RolledBack,
            Loss = rows == 0 ? 0 : ((older.Loss * older.Rows) + (newer.Loss * newer.Rows)) / rows,
            Confusion = [.. older.Confusion.Zip(newer.Confusion, (a, b) => a + b)],
            Values = older.Values.Add(newer.Values),
        };
    }

    /// <inheritdoc />
    public override string ToString() => Confusion.IsEmpty
        ? $"{Name}: {Rows} rows, {(Values.Count > 0 ? $"{Values}" : $"loss {Loss:0.000}")}"
        : $"{Name}: {Accuracy:P1} of {Rows} rows, loss {Loss:0.000}, kappa {Kappa:0.000}";

    private string Name => Device.Length == 0 ? $"version {ModelVersion}" : $"{Device} version {ModelVersion}";

    /// <summary>Saves or restores an evaluation.</summary>
    /// <param name="s">The state.</param>
    /// <param name="evaluation">The evaluation; written when the state is read.</param>
    public static void State(ref StateStream s, ref Evaluation evaluation)
    {
        var (device, version) = (s.Value(evaluation?.Device ?? ""), s.Value(evaluation?.ModelVersion ?? 0));
        var (rows, correct, loss) = (s.Value(evaluation?.Rows ?? 0), s.Value(evaluation?.Correct ?? 0), s.Value(evaluation?.Loss ?? 0));
        var confusion = s.Array(evaluation?.Confusion ?? [], int.MaxValue);
        var rolledBack = s.Value(evaluation?.RolledBack ?? 0);
        var values = evaluation?.Values ?? default;
        ValueErrors.State(ref s, ref values);
        if (s.IsWriting) { return; }
        evaluation = new()
        {
            Device = device,
            ModelVersion = version,
            Rows = rows,
            Correct = correct,
            Loss = loss,
            Confusion = confusion,
            RolledBack = rolledBack,
            Values = values,
        };
    }
}
