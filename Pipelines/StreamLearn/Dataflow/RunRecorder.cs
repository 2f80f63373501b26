using System.Globalization;

namespace StreamLearn;

/// <summary>Records the order of a run's calls, so that the simulation can repeat it bit for bit.</summary>
/// <remarks> The format is a text file: first <c>streamlearn-run 1</c>; then a line <c>P start seed name</c> for each pipeline, numbered
/// from 0; then a line for each call, created message, arrival and connection change. A message is emitted before it is received. With
/// content, an arrival includes its message, and each publication has a line with its hash. One recorder may serve many runs. </remarks>
public sealed class RunRecorder : IDisposable
{
    internal const string Header = "streamlearn-run 1";

    private readonly Lock _lock = new();
    private readonly TextWriter _writer;
    private int _pipelines;
    private bool _disposed;

    /// <summary>Starts a recording.</summary>
    /// <param name="writer">The target; the recorder disposes it.</param>
    public RunRecorder(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _writer = writer;
        _writer.NewLine = "\n";
        _writer.WriteLine(Header);
    }

    /// <summary>True: records the content of arrivals, so that a replay does not need the pipelines that sent them, and a hash of each
    /// publication, which a replay compares. Default false: records only the order.</summary>
    public bool KeepsContent { get; init; }

    /// <summary>Ends the recording, even if runs are still active.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _writer.Dispose();
        }
    }

    internal ICallLog LogOf(Pipeline pipeline, DateTimeOffset start, long seed)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"P {start.UtcTicks} {seed} {pipeline.Name}"));
            return new Log(this, _pipelines++);
        }
    }

    private void Write(string line)
    {
        lock (_lock)
        {
            if (!_disposed) { _writer.WriteLine(line); }
        }
    }

    private sealed class Log(RunRecorder recorder, int number) : ICallLog
    {
        public void Call(Node node, CallKind kind, Edge? edge, long first, long last, DateTimeOffset now)
        {
            recorder.Write(string.Create(CultureInfo.InvariantCulture,
                $"C {number} {node.Index} {(int)kind} {edge?.Index ?? -1} {first} {last} {now.UtcTicks}"));
        }

        public void Made(Node node, DateTimeOffset now) =>
            recorder.Write(string.Create(CultureInfo.InvariantCulture, $"M {number} {node.Index} {now.UtcTicks}"));

        public bool KeepsContent => recorder.KeepsContent;

        public void Arrived(Node node, in Message message, byte[]? payload, DateTimeOffset now) =>
            recorder.Write(payload is null
                ? string.Create(CultureInfo.InvariantCulture, $"A {number} {node.Index} {message.Origin.Sequence} {now.UtcTicks} ")
                    + message.Origin.Source.ReplaceLineEndings(" ")
                : string.Create(CultureInfo.InvariantCulture, $"D {number} {node.Index} {now.UtcTicks} ")
                    + RecordedMessage.Text(message.Topic, payload, message.IsRetained, message.Properties));

        public void Published(Node node, long sequence, ReadOnlySpan<byte> payload)
        {
            if (!KeepsContent) { return; }
            recorder.Write(string.Create(CultureInfo.InvariantCulture,
                $"S {number} {node.Index} {sequence} {RecordedMessage.Hash(payload)}"));
        }

        public void Changed(Node node, ConnectionChange change, DateTimeOffset now) =>
            recorder.Write(string.Create(CultureInfo.InvariantCulture,
                $"K {number} {node.Index} {now.UtcTicks} {ConnectionText.Of(change)}"));
    }
}
