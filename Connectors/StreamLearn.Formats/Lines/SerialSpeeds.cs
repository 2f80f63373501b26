using System.Collections.Immutable;

namespace StreamLearn.Formats;

/// <summary>Source: Linux, include/uapi/asm-generic/termbits.h.</summary>
internal static class SerialSpeeds
{
    private const int Fast = 0x1000;        // CBAUDEX

    private static readonly (int Baud, uint Code)[] Codes =
    [
        (1200, 9), (2400, 11), (4800, 12), (9600, 13), (19200, 14), (38400, 15), (57600, Fast | 1), (115200, Fast | 2), (230400, Fast | 3),
        (460800, Fast | 4), (500000, Fast | 5), (576000, Fast | 6), (921600, Fast | 7), (1000000, Fast | 8), (1152000, Fast | 9),
        (1500000, Fast | 10), (2000000, Fast | 11), (2500000, Fast | 12), (3000000, Fast | 13), (3500000, Fast | 14), (4000000, Fast | 15),
    ];

    internal static ImmutableArray<int> All { get; } = [.. Codes.Select(static c => c.Baud)];

    internal static uint CodeOf(int baud)
    {
        var place = All.IndexOf(baud);
        return place >= 0 ? Codes[place].Code : throw new ArgumentException($"expected one of {string.Join(", ", All)} baud, got {baud}");
    }
}
