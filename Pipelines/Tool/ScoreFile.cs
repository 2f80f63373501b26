using System.Text;
using StreamLearn;

namespace Tool;

/// <summary>Writes scores; a write error is thrown once, and closing then throws nothing, so that the first error is reported.</summary>
internal sealed class ScoreFile(StreamWriter inner, string name) : TextWriter
{
    private bool _hasFailed;

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
                // reported when it occurred
            }
        }

        base.Dispose(disposing);
    }

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
