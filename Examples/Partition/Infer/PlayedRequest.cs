namespace Partition;

/// <summary>A request that is played, and its answer: so many bytes on the link.</summary>
/// <param name="Number">Its number, from 0.</param>
/// <param name="Cut">Layers on the device.</param>
/// <param name="Bytes">Bytes of the message; fewer than its fields take are as many as these.</param>
internal sealed record PlayedRequest(int Number, int Cut, int Bytes);
