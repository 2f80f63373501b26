namespace StreamLearn.Tables;

/// <summary>Answers windows with a network, bit-identical on a device, in a fleet and from a file.</summary>
/// <param name="model">The network; one without exits, such as <see cref="Int8Network"/>, counts as one exit.</param>
/// <param name="leaving">The early-exit rule; null: never.</param>
/// <param name="work">Average share of a whole pass's multiply-adds, above 0; 1 or more: no bound. A window short of work leaves at the
/// last affordable exit, at least the first.</param>
internal sealed class Answerer(IModel model, ExitRule? leaving, double work = 1)
{
    private const int Burst = 8;        // maximum saved earnings, in windows

    private readonly IStagedModel? _staged = model as IStagedModel;
    private readonly ExitRule _leaving = leaving ?? ExitRule.Never((model as IStagedModel)?.ExitCount ?? 1);
    private readonly Workspace _memory = new();
    private readonly float[] _row = new float[model.Plan.Input.Size];
    private readonly float[] _scores = new float[model.Plan.Outputs];
    private readonly int[] _exit = new int[1];
    private double _left;

    /// <summary>Saved work, in multiply-adds.</summary>
    internal double Left
    {
        get => _left;
        set => _left = value;
    }

    /// <summary>Class confidences of the last answer.</summary>
    public ReadOnlySpan<float> Scores => _scores;

    /// <summary>Multiply-adds of the last answer.</summary>
    public long MultiplyAdds { get; private set; }

    /// <summary>Answers a window or its features.</summary>
    /// <param name="version">A model version.</param>
    /// <param name="window">The window: float32 columns, with the model's samples as rows.</param>
    /// <returns>Class, confidence and exit; for a value model the value, 0 and the last exit. Null: the result is not finite.</returns>
    /// <exception cref="ArgumentException">The window does not fit the model.</exception>
    public (int Class, float Confidence, int Exit)? Answer(Weights version, Batch window)
    {
        ArgumentNullException.ThrowIfNull(version);
        ArgumentNullException.ThrowIfNull(window);
        var (channels, samples) = (model.Plan.Input.Channels, model.Plan.Input.Samples);
        if (window.Rows != samples || window.Channels.Count != channels)
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"expected a window of {channels} channels and {samples} rows, got {window.Channels.Count} and {window.Rows}"),
                nameof(window));
        }

        CopyRow(window, _row);
        var isValue = model.Plan.Target == TargetKind.Value;
        if (isValue || _staged is null)
        {
            model.Infer(version, version.Values.AsSpan(), new(_row, 1), _scores, _memory);
            (MultiplyAdds, _exit[0]) = (model.Plan.MultiplyAdds, (_staged?.ExitCount ?? 1) - 1);
            if (isValue) { return float.IsFinite(_scores[0]) ? (0, _scores[0], _exit[0]) : null; }
        }
        else { MultiplyAdds = _staged.Answer(version.Values.AsSpan(), new(_row, 1), Rule(_staged), _scores, _exit, _memory); }

        _left -= work < 1 ? MultiplyAdds : 0;
        var best = ModelPlan.ClassOf(_scores);
        return float.IsFinite(_scores[best]) ? (best, _scores[best], _exit[0]) : null;
    }

    internal static void CopyRow(Batch window, Span<float> row)
    {
        for (var c = 0; c < window.Channels.Count; c++) { window.Channels[c].Values<float>().CopyTo(row[(c * window.Rows)..]); }
    }

    /// <summary>The given rule, limited to exits that the saved work pays for.</summary>
    private ExitRule Rule(IStagedModel staged)
    {
        if (work >= 1) { return _leaving; }
        var whole = staged.MultiplyAddsTo[^1];
        _left = Math.Min(_left + (work * whole), Burst * work * whole);
        var exit = staged.ExitCount - 1;
        while (exit > 0 && staged.MultiplyAddsTo[exit] > _left) { exit--; }
        if (exit == staged.ExitCount - 1) { return _leaving; }
        var always = _leaving.Measure == ExitMeasure.Entropy ? float.PositiveInfinity : float.NegativeInfinity;
        return _leaving with { Thresholds = _leaving.Thresholds.SetItem(exit, always) };
    }
}
