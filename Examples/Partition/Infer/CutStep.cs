using System.Collections.Immutable;

namespace Partition;

/// <summary>One request of the record: as it was planned, and as each fixed cut takes it.</summary>
/// <param name="At">Seconds since the start.</param>
/// <param name="BitsPerSecond">What the link carried.</param>
/// <param name="Planned">The request under the plan.</param>
/// <param name="Fixed">The same request with so many layers on the device, from 0.</param>
internal sealed record CutStep(double At, double BitsPerSecond, RequestEvents Planned, ImmutableArray<RequestEvents> Fixed);
