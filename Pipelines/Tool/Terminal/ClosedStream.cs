namespace Tool;

/// <summary>Thrown if the caller closed standard input or output.</summary>
internal sealed class StandardClosedException(string name) : IOException($"{name} is closed");

internal sealed class ClosedStream(string name) : Stream
{
    private const string CloseOnExec = "02000000";

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Returns true if the descriptor was closed when the program started. The runtime then reuses the number for a descriptor
    /// that would block forever; unlike an inherited one, it is close-on-exec. Without /proc, returns false.</summary>
    internal static bool Is(int descriptor)
    {
        try
        {
            var flags = File.ReadLines($"/proc/self/fdinfo/{descriptor}")
                .First(static l => l.StartsWith("flags:", StringComparison.Ordinal));
            return (Convert.ToInt64(flags["flags:".Length..].Trim(), 8) & Convert.ToInt64(CloseOnExec, 8)) != 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new StandardClosedException(name);

    public override void Write(byte[] buffer, int offset, int count) => throw new StandardClosedException(name);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
