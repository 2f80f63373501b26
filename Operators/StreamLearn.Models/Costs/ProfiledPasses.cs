using System.Runtime.InteropServices;

namespace StreamLearn.Models;

internal sealed class ProfiledPasses
{
    private readonly ISplitModel _model;
    private readonly int _rows;
    private readonly TimeProvider _time;
    private readonly int _end;
    private readonly float[] _gradients;        // gradients of the model's values
    private readonly ISplitTape[] _tapes;
    private readonly float[][] _forth;          // [i]: activations at boundary i
    private readonly float[][] _back;           // [i]: the gradients at boundary i
    private readonly int[] _labels;
    private readonly float[] _targets;
    private readonly float[] _teacher;
    private readonly List<double>[] _forward;
    private readonly List<double>[] _backward;

    internal ProfiledPasses(ISplitModel model, int rows, TimeProvider time, int end)
    {
        (_model, _rows, _time, _end, _gradients) = (model, rows, time, end, new float[model.Plan.Values]);
        _tapes = [.. Enumerable.Range(0, end).Select(_ => model.CreateTape())];
        _forth = [.. Enumerable.Range(0, end + 1).Select(i => new float[checked(rows * model.ShapeAt(i).Size)])];
        _back = [.. _forth.Select(static values => new float[values.Length])];
        Fill(_forth[0]);
        Fill(_back[end]);           // replaces gradients of later layers
        _forward = [.. Enumerable.Range(0, end).Select(_ => new List<double>())];
        _backward = [.. Enumerable.Range(0, end).Select(_ => new List<double>())];
        var isOfLabels = model.Plan.Target == TargetKind.Label;
        _labels = isOfLabels ? new int[rows] : [];
        _targets = isOfLabels ? [] : new float[rows * model.Plan.Outputs];
        _teacher = model.Objective is Distillation ? new float[rows * model.Plan.Outputs] : [];
    }

    internal void Run(bool isWarmUp, CancellationToken cancellationToken)
    {
        for (var i = 0; i < _end; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var seconds = Forward(i);
            if (!isWarmUp) { _forward[i].Add(seconds); }
        }

        _gradients.AsSpan().Clear();
        for (var i = _end - 1; i >= 0; i--)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var seconds = Backward(i);
            if (!isWarmUp) { _backward[i].Add(seconds); }
        }
    }

    internal ImmutableArray<LayerMeasure> Medians()
    {
        var measures = new LayerMeasure[_end];
        for (var i = 0; i < _end; i++)
        {
            measures[i] = new(Median(_forward[i]) / _rows, Median(_backward[i]) / _rows, (_tapes[i] as Tape)?.ReservedBytes ?? 0);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(measures);
    }

    private double Forward(int layer)
    {
        var tape = _tapes[layer];
        var start = _time.GetTimestamp();
        _model.Forward(_model.Initial.Values.AsSpan(), layer, layer + 1, _forth[layer], _rows, tape, pin: false);
        var seconds = _time.GetElapsedTime(start).TotalSeconds;
        tape.Outputs.CopyTo(_forth[layer + 1]);
        return seconds;
    }

    private double Backward(int layer)
    {
        var outputs = layer + 1 == _model.PartCount ? [] : _back[layer + 1].AsSpan();
        var inputs = layer == 0 && _end == _model.PartCount ? [] : _back[layer].AsSpan();
        var start = _time.GetTimestamp();
        _model.ExitLosses(_tapes[layer], Told());
        _model.Backward(_model.Initial.Values.AsSpan(), _tapes[layer], outputs, _gradients, inputs);
        return _time.GetElapsedTime(start).TotalSeconds;
    }

    private Sample Told() => (_labels.Length == 0 ? new Sample([], _rows) : new([], _labels)) with
    {
        Targets = _targets,
        TeacherLogits = _teacher,
    };

    private static void Fill(Span<float> values)
    {
        var random = new RandomStream(0, "profile");
        foreach (ref var value in values) { value = (float)random.NextGaussian(); }
    }

    private static double Median(List<double> times)
    {
        times.Sort();
        return (times[(times.Count - 1) / 2] + times[times.Count / 2]) / 2;
    }
}
