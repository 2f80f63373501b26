using static TorchSharp.torch;

namespace StreamLearn.Torch;

/// <summary>The backward pass repeats the forward pass from inputs and number.</summary>
internal sealed class TorchTape(TorchModel model) : ISplitTape
{
    private readonly int _width = model.Plan.Outputs;
    private float[] _inputs = [];
    private float[] _outputs = [];
    private float[] _scores = [];       // scores by exit
    private float[] _gradients = [];    // their gradients
    private float[] _pinned = [];

    public int Rows { get; private set; }

    public long Number { get; set; }

    public ReadOnlySpan<float> Outputs => To == model.PartCount ? [] : _outputs;

    public ReadOnlySpan<float> Pinned => _pinned;

    internal int From { get; private set; }

    internal int To { get; private set; }

    internal ReadOnlySpan<float> Inputs => _inputs;

    internal int FirstExit { get; private set; }

    /// <summary>One past the last exit.</summary>
    internal int LastExit { get; private set; }

    internal void Begin(int from, int to, int rows, ReadOnlySpan<float> inputs, ReadOnlySpan<float> pinned)
    {
        (From, To, Rows, _inputs, _pinned) = (from, to, rows, Of(_inputs, inputs.Length), Of(_pinned, pinned.Length));
        (FirstExit, LastExit) = (ExitsBefore(from), ExitsBefore(to));
        var scores = (LastExit - FirstExit) * rows * _width;
        (_scores, _gradients) = (Of(_scores, scores), Of(_gradients, scores));
        _outputs = Of(_outputs, to == model.PartCount ? 0 : rows * model.ShapeAt(to).Size);
        inputs.CopyTo(_inputs);
        pinned.CopyTo(_pinned);
        _gradients.AsSpan().Clear();
    }

    public ReadOnlySpan<float> Scores(int exit) => ScoresOf(exit);

    internal Span<float> ScoresOf(int exit) => _scores.AsSpan((exit - FirstExit) * Rows * _width, Rows * _width);

    internal Span<float> GradientsOf(int exit) => _gradients.AsSpan((exit - FirstExit) * Rows * _width, Rows * _width);

    internal void SetOutputs(Tensor outputs) => TorchReplica.Take(outputs, _outputs);

    public void State(ref StateStream s, int maxRows)
    {
        var rows = s.Value(Rows, 0, maxRows);
        if (rows == 0) { return; }
        var from = s.Value(From, 0, model.PartCount - 1);
        var to = s.Value(To, from + 1, model.PartCount);
        var isPinned = s.Value(_pinned.Length > 0);
        if (s.IsReading)
        {
            Begin(from, to, rows, new float[rows * model.ShapeAt(from).Size], isPinned ? new float[model.Plan.Values] : []);
        }

        Number = s.Value(Number);
        foreach (var values in (float[][])[_inputs, _outputs, _scores, _gradients, _pinned]) { s.Values<float>(values); }
    }

    private int ExitsBefore(int part) => Enumerable.Range(0, model.ExitCount).Count(e => model.PartOf(e) < part);

    private static float[] Of(float[] values, int length) => values.Length == length ? values : new float[length];
}
