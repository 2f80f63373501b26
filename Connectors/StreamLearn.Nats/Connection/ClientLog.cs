using Microsoft.Extensions.Logging;

namespace StreamLearn.Nats;

/// <summary>Captures the client's log, because the client reports failures to connect nowhere else.</summary>
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
