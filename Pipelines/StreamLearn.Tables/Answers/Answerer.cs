namespace StreamLearn.Tables;

/// <summary>Answers windows with a network, bit-identical on a device, in a fleet and from a file. One without exits, such as
/// <see cref="Int8Network"/>, counts as one exit. <paramref name="work"/>: average share of a whole pass's multiply-adds; 1 or more: no
/// bound. A window short of work leaves at the last affordable exit, at least the first.</summary>
internal sealed class Answerer(IModel model, ExitRule? leaving, double work = 1)
{
    private const int Burst = 8;        // maximum saved work, in windows

    private readonly IStagedModel? _staged = model as IStagedModel;
    private readonly ExitRule _leaving = leaving ?? ExitRule.Never((model as IStagedModel)?.ExitCount ?? 1);
    private readonly Workspace _memory = new();
    private readonly float[] _row = new float[model.Plan.Input.Size];
    private readonly float[] _scores = new float[model.Plan.Outputs];
    private readonly int[] _exit = new int[1];

    /// <summary>Saved work, in multiply-adds.</summary>
    internal double Left { get; set; }

    public ReadOnlySpan<float> Scores => _scores;

    public long MultiplyAdds { get; private set; }

    /// <summary>Answers a window or its features.</summary>
    /// <returns>Class, confidence and exit; for a value model the value, 0 and the last exit. Null if the result is not finite.</returns>
    /// <exception cref="ArgumentException">The window does not fit the model.</exception>
    public (int Class, float Confidence, int Exit)? Answer(Weights version, Batch window)
    {
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

        Left -= work < 1 ? MultiplyAdds : 0;
        var best = ModelPlan.ClassOf(_scores);
        return float.IsFinite(_scores[best]) ? (best, _scores[best], _exit[0]) : null;
    }

    internal static void CopyRow(Batch window, Span<float> row)
    {
        for (var c = 0; c < window.Channels.Count; c++) { window.Channels[c].Values<float>().CopyTo(row[(c * window.Rows)..]); }
    }

    /// <summary>Returns the given rule, limited to exits that the saved work can pay for.</summary>
    private ExitRule Rule(IStagedModel staged)
    {
        if (work >= 1) { return _leaving; }
        var whole = staged.MultiplyAddsTo[^1];
        Left = Math.Min(Left + (work * whole), Burst * work * whole);
        var exit = staged.ExitCount - 1;
        while (exit > 0 && staged.MultiplyAddsTo[exit] > Left) { exit--; }
        if (exit == staged.ExitCount - 1) { return _leaving; }
        var always = _leaving.Measure == ExitMeasure.Entropy ? float.PositiveInfinity : float.NegativeInfinity;
        return _leaving with { Thresholds = _leaving.Thresholds.SetItem(exit, always) };
    }
}
