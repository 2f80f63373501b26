namespace StreamLearn.Formats;

/// <summary>Text whose lines end with a carriage return alone, as old programs write it.</summary>
internal sealed class ReturnText(FileStream file) : ForwardStream
{
    private const int StartBytes = 64 << 10;

    internal static bool IsNeeded(FileStream file)
    {
        Span<byte> start = new byte[StartBytes];
        start = start[..RandomAccess.Read(file.SafeFileHandle, start, 0)];
        return start.Contains((byte)'\r') && !start.Contains((byte)'\n') && start[..^1].Contains((byte)'\r');
    }

    public override int Read(Span<byte> buffer)
    {
        var got = file.Read(buffer);
        buffer[..got].Replace((byte)'\r', (byte)'\n');
        return got;
    }
}
