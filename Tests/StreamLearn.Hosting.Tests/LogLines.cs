using Microsoft.Extensions.Logging;

namespace StreamLearn.Hosting.Tests;

/// <summary>Keeps what the library logs, and tells when an event came.</summary>
internal sealed class LogLines : ILoggerProvider
{
    private readonly Lock _lock = new();
    private readonly List<(int Id, string Text)> _lines = [];
    private readonly List<(int Id, TaskCompletionSource Came)> _waiting = [];

    internal IEnumerable<int> Ids
    {
        get { lock (_lock) { return [.. _lines.Select(l => l.Id)]; } }
    }

    public ILogger CreateLogger(string categoryName) => new Lines(this, categoryName == "StreamLearn.Hosting");
    public void Dispose() { }
    internal string Text(int id) { lock (_lock) { return _lines.First(l => l.Id == id).Text; } }

    internal Task WaitFor(int id, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_lines.Exists(l => l.Id == id)) { return Task.CompletedTask; }
            var came = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((id, came));
            return came.Task.WaitAsync(cancellationToken);
        }
    }

    private void Add(int id, string text)
    {
        lock (_lock)
        {
            _lines.Add((id, text));
            foreach (var (_, came) in _waiting.Where(w => w.Id == id)) { came.TrySetResult(); }
        }
    }

    private sealed class Lines(LogLines all, bool kept) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;
        public bool IsEnabled(LogLevel logLevel) => kept;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (kept) { all.Add(eventId.Id, formatter(state, exception)); }
        }
    }
}
