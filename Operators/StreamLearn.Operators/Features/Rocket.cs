using System.Numerics.Tensors;

namespace StreamLearn.Operators;

/// <summary>Adds blocks that compute features of windows.</summary>
public static partial class OperatorFlowExtensions
{
    /// <summary>Reduces each window to a row of random-convolution features.</summary>
    /// <remarks> Shape: rows × channels in, as the kernels require; one row out, with features <c>rocket 1</c>, <c>rocket 2</c> … at the
    /// position of the first channel. Units: shares from 0 to 1. Other columns: as with <c>Features</c>. Values that are missing, NaN or
    /// infinite are interpolated linearly. State: none. Cost: about 8 to 16 operations per row, feature and channel of its kernel,
    /// vectorized; no allocation. Emits: one row per window. Drops: <c>schema</c>, <c>rows</c>: windows of another number of rows, and
    /// <c>empty</c>: windows with a channel without values. Source: Dempster, Schmidt, Webb (2021), MiniRocket. </remarks>
    /// <param name="flow">The windows.</param>
    /// <param name="kernels">The kernels, fitted to sample windows.</param>
    public static Flow<Batch> Rocket(this Flow<Batch> flow, RocketKernels kernels)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(kernels);
        return flow.Via("rocket", new RocketOptions(kernels),
            static (RocketOptions options, OperatorContext context, IOutput<Batch> output) => new Rocket(options, context, output));
    }
}

internal sealed record RocketOptions(RocketKernels Kernels) : IBlockOptions
{
    public Schema Output(Schema input)
    {
        var channels = input.Fields.Count(static f => f.Type == ColumnType.Float32);
        if (channels != Kernels.Channels) { throw new SchemaException($"expected {Kernels.Channels} float32 channels, got {input}"); }

        var privacy = input.Fields.Max(static f => f.Type == ColumnType.Float32 ? f.Privacy : PrivacyLabel.Public);
        var features = Enumerable.Range(1, Kernels.Features).Select(n => Field.Channel($"rocket {n}", Unit.One) with { Privacy = privacy });
        return WindowColumns.Around(input, features);
    }

    public int? MaxRows(int? input) => 1;

    public override string ToString() => Kernels.ToString();
}

internal sealed class Rocket(RocketOptions options, OperatorContext context, IOutput<Batch> output) : Operator<Batch>
{
    private readonly RocketKernels _kernels = options.Kernels;
    private readonly RocketTransform _transform = new(options.Kernels);
    private readonly float[] _window = new float[options.Kernels.Channels * options.Kernels.Rows];
    private readonly float[] _gapped = new float[options.Kernels.Rows];
    private readonly float[] _shares = new float[options.Kernels.Features];
    private Schema? _input;
    private Schema? _output;

    public override void Process(Batch batch)
    {
        if (_input is null && batch.Channels.Count == _kernels.Channels)
        {
            (_input, _output) = (batch.Schema, options.Output(batch.Schema));
        }

        if (!batch.Schema.Equals(_input)) { context.Drop(batch, "schema"); }
        else if (batch.Rows != _kernels.Rows) { context.Drop(batch, "rows"); }
        else if (!Load(batch)) { context.Drop(batch, "empty"); }
        else { Describe(batch); }
    }

    private void Describe(Batch window)
    {
        context.Charge(_transform.MultiplyAdds);
        _transform.Transform(_window, _shares);
        var row = context.Pool.Rent(_output!, 1);
        var (next, feature) = (0, 0);
        for (var c = 0; c < window.Columns.Count; c++)
        {
            var column = window.Columns[c];
            if (column.Field.Type == ColumnType.Float32 && feature == 0)
            {
                while (feature < _shares.Length) { row.Columns[next++].Writable<float>()[0] = _shares[feature++]; }
            }
            else if (WindowColumns.Pass(column.Field)) { WindowColumns.Copy(column, row.Columns[next++]); }
        }

        window.Dispose();
        output.Emit(row);
    }

    /// <summary>Copies channels and interpolates missing values; returns false if a channel has no values.</summary>
    private bool Load(Batch window)
    {
        for (var c = 0; c < _kernels.Channels; c++)
        {
            var target = _window.AsSpan(c * _kernels.Rows, _kernels.Rows);
            WindowSignals.Copy(window.Channels[c], target);
            if (TensorPrimitives.IsFiniteAll<float>(target)) { continue; }
            if (!TensorPrimitives.IsFiniteAny<float>(target)) { return false; }
            target.CopyTo(_gapped);
            GappedSignal.Fill(_gapped, target);
        }

        return true;
    }
}
