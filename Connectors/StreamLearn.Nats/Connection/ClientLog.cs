using Microsoft.Extensions.Logging;

namespace StreamLearn.Nats;

/// <summary>Captures the client's log, the only place with connect failures.</summary>
internal sealed class ClientLog(Action<string, Exception?> onLogged) : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) { }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        onLogged(formatter(state, null), logLevel >= LogLevel.Warning ? exception : null);

    public void Dispose() { }
}
