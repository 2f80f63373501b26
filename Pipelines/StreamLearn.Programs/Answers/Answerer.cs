using StreamLearn.Models;

namespace StreamLearn.Programs;

/// <summary>Answers windows with a network: the same bits on a device, in a fleet and from a file.</summary>
/// <param name="model">The network; one without exits of its own, such as <see cref="Int8Network"/>, has one.</param>
/// <param name="leaving">When a window leaves early; null: never.</param>
/// <param name="work">The share of the multiply-adds of a whole pass that windows may take on average, above 0; 1 or more: no bound. A
/// window that finds too little left leaves at the last exit that it can pay for, the first at least.</param>
public sealed class Answerer(IModel model, ExitRule? leaving, double work = 1)
{
    private const int Burst = 8;        // windows' earnings that may be saved up

    private readonly IStagedModel? _staged = model as IStagedModel;
    private readonly ExitRule _leaving = leaving ?? ExitRule.Never((model as IStagedModel)?.ExitCount ?? 1);
    private readonly Workspace _memory = new();
    private readonly float[] _row = new float[model.Plan.Input.Size];
    private readonly float[] _scores = new float[model.Plan.Outputs];
    private readonly int[] _exit = new int[1];
    private double _left;

    /// <summary>What is saved up of the work, in multiply-adds.</summary>
    internal double Left
    {
        get => _left;
        set => _left = value;
    }

    /// <summary>The confidence of each class in the last answer.</summary>
    public ReadOnlySpan<float> Scores => _scores;

    /// <summary>Multiply-adds of the last answer.</summary>
    public long MultiplyAdds { get; private set; }

    /// <summary>Answers a window, or the features of one.</summary>
    /// <param name="version">A version of the model.</param>
    /// <param name="window">The window: as many rows of float32 columns as a row of the model has samples.</param>
    /// <returns>The class, its confidence and the exit; of a model of a value 0, the value and the last exit. Null: the values are too
    /// large for an answer that is a number.</returns>
    /// <exception cref="ArgumentException">The window is not what the model takes.</exception>
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

    /// <summary>Copies a window as a row of a model.</summary>
    internal static void CopyRow(Batch window, Span<float> row)
    {
        for (var c = 0; c < window.Channels.Count; c++) { window.Channels[c].Values<float>().CopyTo(row[(c * window.Rows)..]); }
    }

    /// <summary>The rule of the next window: the one that was asked for, up to the last exit that what is left pays for.</summary>
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
