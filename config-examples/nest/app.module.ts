import {
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  NotFoundException,
  Param,
  type OnApplicationShutdown,
} from '@nestjs/common'

@Injectable()
export class Greetings implements OnApplicationShutdown {
  readonly #words: ReadonlyMap<string, string> = new Map([
    ['en', 'hello'],
    ['de', 'hallo'],
  ])

  find(language: string): string | undefined {
    return this.#words.get(language)
  }

  // Runs when the worker stops, after its last response.
  onApplicationShutdown(): void {
    console.log('the database pool would be closed here')
  }
}

@Controller()
export class GreetingsController {
  readonly #greetings: Greetings

  // @Inject() is needed because esbuild writes no decorator metadata (docs/start/typescript.md).
  constructor(@Inject(Greetings) greetings: Greetings) {
    this.#greetings = greetings
  }

  @Get()
  hello(): { hello: string } {
    return { hello: 'world' }
  }

  @Get('greetings/:language')
  greeting(@Param('language') language: string): { greeting: string } {
    const greeting = this.#greetings.find(language)
    if (greeting === undefined) throw new NotFoundException()
    return { greeting }
  }

  @Get('error')
  error(): never {
    throw new Error('this route always fails')
  }
}

@Module({ controllers: [GreetingsController], providers: [Greetings] })
export class AppModule {}
