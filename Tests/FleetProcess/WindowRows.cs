using System.Runtime.InteropServices;
using StreamLearn;
using StreamLearn.Samples;

namespace FleetProcess;

/// <summary>Settings of <see cref="WindowRows"/>.</summary>
/// <param name="File">The windows, each as float32: channel after channel, and its class.</param>
internal sealed record WindowRowsOptions(string File)
{
    internal const int ValuesOfWindow = (HarNetwork.Channels * HarNetwork.Samples) + 1;

    /// <summary>Windows in the file.</summary>
    internal int Count { get; } = (int)(new FileInfo(File).Length / (ValuesOfWindow * sizeof(float)));
}

/// <summary>Labelled windows of a file, in its order, one each period, and then silence. It goes on after a number of them.</summary>
internal sealed class WindowRows(WindowRowsOptions options, OperatorContext context) : Source<Batch>, ISeekable
{
    /// <summary>Time from one window to the next.</summary>
    internal static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    private readonly DateTimeOffset _start = context.Now;
    private readonly float[] _values = new float[WindowRowsOptions.ValuesOfWindow];
    private long _made;

    /// <summary>The columns: six channels and the activity.</summary>
    internal static Schema Schema { get; } = new(HarStream.Schema.Fields.Where(static f => f.Type != ColumnType.Int64));

    public override DateTimeOffset? NextAt => _made < options.Count ? _start + (_made * Period) : DateTimeOffset.MaxValue;

    internal static WindowRows Open(WindowRowsOptions options, OperatorContext context) => new(options, context);

    /// <summary>Writes a file of windows.</summary>
    /// <param name="file">The file.</param>
    /// <param name="windows">The values of each, channel after channel, and its class.</param>
    internal static void Write(string file, IEnumerable<(ReadOnlyMemory<float> Values, int Label)> windows)
    {
        using var stream = File.Create(file);
        foreach (var (values, label) in windows)
        {
            stream.Write(MemoryMarshal.AsBytes(values.Span));
            stream.Write(MemoryMarshal.AsBytes([(float)label]));
        }
    }

    public void Seek(long messages) => _made = messages;

    public override Batch Next()
    {
        using (var file = File.OpenHandle(options.File))
        {
            RandomAccess.Read(file, MemoryMarshal.AsBytes(_values.AsSpan()), _made * _values.Length * sizeof(float));
        }

        _made++;
        var batch = context.Pool.Rent(Schema, HarNetwork.Samples);
        for (var c = 0; c < HarNetwork.Channels; c++)
        {
            _values.AsSpan(c * HarNetwork.Samples, HarNetwork.Samples).CopyTo(batch.Channels[c].Writable<float>());
        }

        batch[Schema.LabelColumn].Writable<int>().Fill((int)_values[^1]);
        return batch;
    }
}
