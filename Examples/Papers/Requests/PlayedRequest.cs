namespace Partition;

/// <summary>A request that is played, and its answer: so many bytes on the link.</summary>
internal sealed record PlayedRequest(int Number, int Cut, int Bytes);
