using System.Runtime.InteropServices;
using StreamLearn;
using StreamLearn.Samples;

namespace FleetProcess;

/// <summary>Settings of <see cref="WindowRows"/>.</summary>
/// <param name="File">The windows, each as float32: channel after channel, and its class.</param>
internal sealed record WindowRowsOptions(string File);

/// <summary>Labelled windows of a file, in its order, and then silence. It goes on after a number of its messages.</summary>
internal sealed class WindowRows(WindowRowsOptions options, OperatorContext context) : Source<Batch>, ISeekable
{
    /// <summary>Windows of a message.</summary>
    internal const int WindowsOfMessage = 4;

    private const int Values = HarNetwork.Channels * HarNetwork.Samples;
    private readonly DateTimeOffset _start = context.Now;
    private readonly long _messages = new FileInfo(options.File).Length / (WindowsOfMessage * (Values + 1) * sizeof(float));
    private readonly float[] _values = new float[WindowsOfMessage * (Values + 1)];
    private long _made;

    /// <summary>The columns: six channels and the activity.</summary>
    internal static Schema Schema { get; } = new(HarStream.Schema.Fields.Where(static f => f.Type != ColumnType.Int64));

    public override DateTimeOffset? NextAt => _made < _messages ? _start : DateTimeOffset.MaxValue;

    internal static WindowRows Open(WindowRowsOptions options, OperatorContext context) => new(options, context);

    /// <summary>Writes a file of windows.</summary>
    internal static void Write(string file, IEnumerable<(ReadOnlyMemory<float> Features, int Label)> windows)
    {
        using var stream = File.Create(file);
        foreach (var (features, label) in windows)
        {
            stream.Write(MemoryMarshal.AsBytes(features.Span));
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
        var batch = context.Pool.Rent(Schema, WindowsOfMessage * HarNetwork.Samples);
        for (var w = 0; w < WindowsOfMessage; w++)
        {
            var window = _values.AsSpan(w * (Values + 1), Values + 1);
            var rows = new Range(w * HarNetwork.Samples, (w + 1) * HarNetwork.Samples);
            for (var c = 0; c < HarNetwork.Channels; c++)
            {
                window.Slice(c * HarNetwork.Samples, HarNetwork.Samples).CopyTo(batch.Channels[c].Writable<float>()[rows]);
            }

            batch[Schema.LabelColumn].Writable<int>()[rows].Fill((int)window[Values]);
        }

        return batch;
    }
}
