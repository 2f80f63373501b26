using System.Globalization;

namespace StreamLearn;

/// <summary>Records the order in which a run's blocks were called, so that the simulation can repeat the run bit for bit.</summary>
/// <remarks>
/// A text file: a first line <c>streamlearn-run 1</c>; then a line <c>P start name</c> for each pipeline, numbered from 0, and a line for each call, made message and arrival,
/// in an order in which every message is emitted before it is taken. One recorder may serve many runs.
/// </remarks>
public sealed class RunRecorder : IDisposable
{
    internal const string Header = "streamlearn-run 1";

    private readonly Lock _lock = new();
    private readonly TextWriter _writer;
    private int _pipelines;

    /// <summary>Starts a recording.</summary>
    /// <param name="writer">Where it goes; the recorder disposes it.</param>
    public RunRecorder(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _writer = writer;
        _writer.WriteLine(Header);
    }

    /// <summary>Ends the recording.</summary>
    public void Dispose()
    {
        lock (_lock) { _writer.Dispose(); }
    }

    internal ICallLog LogOf(Pipeline pipeline, DateTimeOffset start)
    {
        lock (_lock)
        {
            _writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"P {start.UtcTicks} {pipeline.Name}"));
            return new Log(this, _pipelines++, pipeline);
        }
    }

    private void Write(string line)
    {
        lock (_lock) { _writer.WriteLine(line); }
    }

    private sealed class Log(RunRecorder recorder, int number, Pipeline pipeline) : ICallLog
    {
        public void Call(Node node, CallKind kind, Edge? edge, long first, long last, DateTimeOffset now)
        {
            var index = edge is null ? -1 : pipeline.Edges.IndexOf(edge);
            recorder.Write(string.Create(CultureInfo.InvariantCulture, $"C {number} {node.Index} {(int)kind} {index} {first} {last} {now.UtcTicks}"));
        }

        public void Made(Node node, DateTimeOffset now) =>
            recorder.Write(string.Create(CultureInfo.InvariantCulture, $"M {number} {node.Index} {now.UtcTicks}"));

        public void Arrived(Node node, MessageOrigin origin, DateTimeOffset now) =>
            recorder.Write(string.Create(CultureInfo.InvariantCulture, $"A {number} {node.Index} {origin.Sequence} {now.UtcTicks} {origin.Source}"));
    }
}
