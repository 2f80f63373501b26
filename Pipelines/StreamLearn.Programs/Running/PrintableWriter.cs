namespace StreamLearn.Programs;

/// <summary>A program's standard output or error: each written line is one printable line, even with quoted names and messages
/// (<see cref="PrintableText"/>).</summary>
/// <remarks><c>Write</c> passes text unchanged: use it for the program's own text, also of several lines.</remarks>
/// <param name="inner">Receives the lines.</param>
/// <param name="maxLength">Maximum characters of a line.</param>
internal sealed class PrintableWriter(TextWriter inner, int maxLength = int.MaxValue) : TextWriter(inner.FormatProvider)
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
