namespace StreamLearn.Formats;

/// <summary>Text in which a carriage return ends a line if one comes, as old programs write it, before any line feed.</summary>
internal sealed class ReturnText(Stream text) : ForwardStream
{
    private const int StartBytes = 64 << 10;

    private bool? _isNeeded;    // null: no line has ended
    private int _next = -1;     // the byte after the first line end, if it was read to decide

    internal static bool IsNeeded(FileStream file)
    {
        Span<byte> start = new byte[StartBytes];
        start = start[..RandomAccess.Read(file.SafeFileHandle, start, 0)];
        return start.Contains((byte)'\r') && !start.Contains((byte)'\n') && start[..^1].Contains((byte)'\r');
    }

    public override int Read(Span<byte> buffer)
    {
        var got = 1;
        if (_next < 0) { got = text.Read(buffer); }
        else { (buffer[0], _next) = ((byte)_next, -1); }
        var part = buffer[..got];
        if (_isNeeded is null && part.IndexOfAny((byte)'\r', (byte)'\n') is >= 0 and var end)
        {
            if (part[end] == '\r') { _next = end + 1 < got ? -1 : text.ReadByte(); }
            _isNeeded = part[end] == '\r' && (end + 1 < got ? part[end + 1] : _next) != '\n';
        }

        if (_isNeeded == true) { part.Replace((byte)'\r', (byte)'\n'); }
        return got;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) { text.Dispose(); }
        base.Dispose(disposing);
    }
}
