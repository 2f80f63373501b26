namespace StreamLearn.Learning;

/// <summary>Results of a model version on labeled rows. Immutable.</summary>
/// <remarks>Source: Cohen (1960) for kappa.</remarks>
public sealed record Evaluation : ISized
{
    /// <summary>The pipeline that answered or, in a fleet, the device.</summary>
    public required string Device { get; init; }

    /// <summary>The model version of the last row.</summary>
    public required long ModelVersion { get; init; }

    /// <summary>Number of answered rows.</summary>
    public required long Rows { get; init; }

    /// <summary>Correct answers.</summary>
    public required long Correct { get; init; }

    /// <summary>Mean loss per row: cross-entropy in nats, with probabilities of at least 1e-7; for regression, half the squared error; for
    /// unsupervised models, their own.</summary>
    public required double Loss { get; init; }

    /// <summary>Rows by label and answer, <c>[label × classes + answer]</c>; empty without classes.</summary>
    public required ImmutableArray<long> Confusion { get; init; }

    /// <summary>Training steps that were reverted for a non-finite loss or weights. Default 0.</summary>
    public long RolledBack { get; init; }

    /// <summary>Errors of a regression model; empty for others.</summary>
    public ValueErrors Values { get; init; }

    /// <summary>Share of correct answers; 0 without rows, NaN without classes.</summary>
    public double Accuracy => Confusion.IsEmpty ? double.NaN : Rows == 0 ? 0 : (double)Correct / Rows;

    /// <summary>Accuracy above chance: (p0 − pc)/(1 − pc), where pc is the agreement by chance at equal rates; 0 if pc is 1, NaN without
    /// classes.</summary>
    public double Kappa => Confusion.IsEmpty ? double.NaN : Matrix.Kappa;

    /// <summary>The confusion matrix.</summary>
    /// <exception cref="ArgumentException">There are no classes.</exception>
    public ConfusionMatrix Matrix => new(Confusion);

    /// <inheritdoc />
    public long SizeBytes => 136 + (8L * Confusion.Length);

    /// <summary>Evaluates a model version.</summary>
    /// <param name="model">The model.</param>
    /// <param name="weights">The version.</param>
    /// <param name="sample">Rows, with labels or targets as the model needs.</param>
    /// <param name="device">The device's name.</param>
    public static Evaluation Of(IModel model, Weights weights, in Sample sample, string device = "")
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(weights);
        var board = new Scoreboard(model);
        board.Score(weights.Values.AsSpan(), sample, new());
        return board.Take(device, weights.Version);
    }

    /// <summary>Merges evaluations of disjoint rows. Device and version are those of the newer one.</summary>
    /// <exception cref="ArgumentException">The numbers of classes differ.</exception>
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
