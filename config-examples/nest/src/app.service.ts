import { Injectable, type OnApplicationShutdown } from '@nestjs/common'
import type { CreateGreeting } from './create-greeting.dto'

@Injectable()
export class AppService implements OnApplicationShutdown {
  private readonly words = new Map([
    ['en', 'hello'],
    ['de', 'hallo'],
  ])

  getHello(): string {
    return 'Hello World!'
  }

  find(language: string): string | undefined {
    return this.words.get(language)
  }

  add({ language, word }: CreateGreeting): void {
    this.words.set(language, word)
  }

  onApplicationShutdown(): void {
    console.log('the database pool would be closed here')
  }
}
