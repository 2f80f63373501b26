using System.Text;

namespace StreamLearn.Testing;

/// <summary>Runs commands in the process of the tests: most of the time of a process goes into its start. Each flow of calls has a console
/// of its own. What threads outside the flow write to <see cref="Console"/>, as hosts do, is not captured.</summary>
public static class CapturedConsole
{
    private static readonly ByFlow Outputs = new(Console.Out);
    private static readonly ByFlow Errors = new(Console.Error);

    static CapturedConsole()
    {
        Console.SetOut(Outputs);
        Console.SetError(Errors);
    }

    /// <summary>Runs a command.</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(
        Func<StringWriter, StringWriter, Task<int>> command, Func<TextWriter, TextWriter>? printable = null) => Task.Run(async () =>
    {
        using SharedText output = new(), error = new();
        Outputs.Begin(printable?.Invoke(output) ?? output);
        Errors.Begin(printable?.Invoke(error) ?? error);
        var exitCode = await command(output, error);
        return (exitCode, output.ToString(), error.ToString());
    });

    /// <summary>Text of several threads.</summary>
    private sealed class SharedText : StringWriter
    {
        private readonly Lock _lock = new();

        public override void Write(char value) => Write($"{value}");

        public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

        public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

        public override void Write(string? value)
        {
            lock (_lock) { base.Write(value); }
        }

        public override void WriteLine(string? value) => Write($"{value}\n");

        public override string ToString()
        {
            lock (_lock) { return base.ToString(); }
        }
    }

    private sealed class ByFlow(TextWriter otherwise) : TextWriter
    {
        private readonly AsyncLocal<TextWriter?> _own = new();

        public override Encoding Encoding => otherwise.Encoding;

        private TextWriter Writer => _own.Value ?? otherwise;

        public override void Write(char value) => Writer.Write(value);

        public override void Write(string? value) => Writer.Write(value);

        public override void Write(char[] buffer, int index, int count) => Writer.Write(buffer, index, count);

        public override void WriteLine(string? value) => Writer.WriteLine(value);

        public override void Flush() => Writer.Flush();

        internal void Begin(TextWriter own) => _own.Value = own;
    }
}
