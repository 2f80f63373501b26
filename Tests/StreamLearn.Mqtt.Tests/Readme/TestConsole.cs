using System.ComponentModel;

namespace StreamLearn.Mqtt.Tests;

/// <summary>A console that keeps what is written to it, and whose Ctrl+C a test presses.</summary>
internal sealed class TestConsole
{
    private readonly StringBuilder _written = new();
    internal event EventHandler<CancelEventArgs>? CancelKeyPress;
    internal TestConsole Error => this;

    internal string Text
    {
        get { lock (_written) { return _written.ToString(); } }
    }

    internal void WriteLine(string line) { lock (_written) { _written.AppendLine(line); } }

    /// <summary>Presses Ctrl+C. True if the program ends by itself.</summary>
    internal bool PressControlC()
    {
        var pressed = new CancelEventArgs();
        CancelKeyPress?.Invoke(this, pressed);
        return pressed.Cancel;
    }
}
