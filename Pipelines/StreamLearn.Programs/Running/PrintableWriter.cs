namespace StreamLearn.Programs;

/// <summary>A program's standard output or error: each written line is one printable line, even with quoted names and messages
/// (<see cref="PrintableText"/>).</summary>
/// <remarks><c>Write</c> passes text unchanged: use it for the program's own text, which may have several lines.</remarks>
internal sealed class PrintableWriter(TextWriter inner, int maxLength = int.MaxValue) : TextWriter(inner.FormatProvider)
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => inner.Write(value);

    public override void Write(char[] buffer, int index, int count) => inner.Write(buffer, index, count);

    public override void Write(string? value) => inner.Write(value);

    public override void WriteLine(string? value) => inner.WriteLine(PrintableText.Of(value ?? "", maxLength));

    public override void WriteLine(ReadOnlySpan<char> buffer) => WriteLine(buffer.ToString());

    public override Task WriteLineAsync(string? value) => inner.WriteLineAsync(PrintableText.Of(value ?? "", maxLength));

    public override void Flush() => inner.Flush();
}
