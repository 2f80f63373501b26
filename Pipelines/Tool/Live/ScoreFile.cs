using StreamLearn.Tables;

namespace Tool;

/// <summary>Writes scores; a write error is thrown once, and closing then throws nothing, so that the first error is reported.</summary>
internal sealed class ScoreFile(StreamWriter inner, string name) : TextWriter
{
    private bool _hasFailed;

    internal static string Head(bool hasDevices, bool hasTime) =>
        $"{(hasDevices ? "device," : "")}{(hasTime ? "time" : "row")},score,alert,channel";

    internal static string Line(RowScore score, bool hasTime) => (score.Device.Length == 0 ? "" : $"{Quoted(score.Device)},")
        + (hasTime ? TimeText.Of(score.Time) : score.Time.ToString(CultureInfo.InvariantCulture))
        + string.Create(CultureInfo.InvariantCulture, $",{score.Score},")
        + (score.IsAlert ? $"1,{Quoted(score.Channel ?? "")}" : "0,");

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Guard(() => inner.Write(value));

    public override void WriteLine(string? value) => Guard(() => inner.WriteLine(value));

    public override void Flush() => Guard(inner.Flush);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            try
            {
                inner.Dispose();
            }
            catch (IOException) when (_hasFailed)
            {
                // the error was reported when it occurred
            }
        }

        base.Dispose(disposing);
    }

    private static string Quoted(string text) => CsvText.Quoted(PrintableText.Of(text));

    private void Guard(Action write)
    {
        try
        {
            Files.Guard(name, write);
        }
        catch (ProgramException)
        {
            _hasFailed = true;
            throw;
        }
    }
}
