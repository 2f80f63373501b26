using System.Collections.Immutable;

namespace Partition;

/// <summary>One request of the record: as it was planned, and as each fixed cut takes it.</summary>
internal sealed record CutStep(double At, double BitsPerSecond, RequestEvents Planned, ImmutableArray<RequestEvents> Fixed);
