using Sensor;
using StreamLearn.Fleets;

return await ProgramOptions.RunAsync(SensorCommands.Create(), args).ConfigureAwait(false);
