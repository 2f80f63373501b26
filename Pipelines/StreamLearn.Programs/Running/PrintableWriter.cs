using System.Text;

namespace StreamLearn.Programs;

/// <summary>Standard output or error of a program: each text that is written as a line is one line of printable characters, whatever
/// names, reasons and messages of others it quotes (<see cref="PrintableText"/>).</summary>
/// <remarks>What is written with <c>Write</c> passes as it is: a program says there what it has made up itself, of several lines
/// too.</remarks>
/// <param name="inner">Gets the lines.</param>
/// <param name="maxLength">Characters of a line that are kept.</param>
public sealed class PrintableWriter(TextWriter inner, int maxLength = int.MaxValue) : TextWriter(inner.FormatProvider)
{
    /// <inheritdoc />
    public override Encoding Encoding => inner.Encoding;

    /// <inheritdoc />
    public override void Write(char value) => inner.Write(value);

    /// <inheritdoc />
    public override void Write(char[] buffer, int index, int count) => inner.Write(buffer, index, count);

    /// <inheritdoc />
    public override void Write(string? value) => inner.Write(value);

    /// <inheritdoc />
    public override void WriteLine(string? value) => inner.WriteLine(PrintableText.Of(value ?? "", maxLength));

    /// <inheritdoc />
    public override void WriteLine(ReadOnlySpan<char> buffer) => WriteLine(buffer.ToString());

    /// <inheritdoc />
    public override Task WriteLineAsync(string? value) => inner.WriteLineAsync(PrintableText.Of(value ?? "", maxLength));

    /// <inheritdoc />
    public override void Flush() => inner.Flush();
}
